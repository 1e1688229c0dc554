package uffd

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkFirstWrite is what the first write to a page costs: once it is
// protected, and where only another mapping has it.
func BenchmarkFirstWrite(b *testing.B) {
	const size = 64 << 20
	fd, err := unix.MemfdCreate("bench", unix.MFD_CLOEXEC)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Ftruncate(fd, size); err != nil {
		b.Fatal(err)
	}
	m := &memory{}
	for _, mapping := range []*[]byte{&m.watched, &m.plain} {
		if *mapping, err = unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
			b.Fatal(err)
		}
		defer unix.Munmap(*mapping)
	}
	if m.File, err = Open(all); err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	write := func(mem []byte) float64 {
		before := time.Now()
		for i := 0; i < size; i += pageSize {
			mem[i]++
		}
		return float64(time.Since(before).Nanoseconds()) / (size / pageSize)
	}
	fresh, mapped, warm := write(m.plain), write(m.watched), write(m.watched)
	if err := m.Register(m.at(0), size, Protected); err != nil {
		b.Fatal(err)
	}
	var protect, written float64
	for b.Loop() {
		before := time.Now()
		if err := m.Protect(m.at(0), size, true); err != nil {
			b.Fatal(err)
		}
		protect += float64(time.Since(before).Nanoseconds()) / (size / pageSize)
		written += write(m.watched)
	}
	b.ReportMetric(fresh, "ns/new-page")
	b.ReportMetric(mapped, "ns/mapped-page")
	b.ReportMetric(warm, "ns/warm-page")
	b.ReportMetric(protect/float64(b.N), "ns/protected-page")
	b.ReportMetric(written/float64(b.N), "ns/written-page")
	b.ReportMetric(0, "ns/op")
}
