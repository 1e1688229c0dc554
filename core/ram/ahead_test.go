package ram

import (
	"bytes"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// The end of a section inside of a run is a wrong guess in memory that was made ready for the run. It reads as zeros
// then, and stays ready: what gives a part of a huge page back splits it, and the run goes on there.
func TestSectionEndsInsideOfARun(t *testing.T) {
	const pages, first = 4096, 1500
	src := source(t, pages)
	for p := range uint64(pages) {
		scribble(src[0], p, byte(p)|1)
	}
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	s := NewSaver(src, &Stats{}, Options{})
	s.Start(w, time.Now())
	left := int64(first * memory.PageSize)
	s.Iterate(w, func() int64 {
		left -= runLimit * memory.PageSize
		return left
	})
	s.Complete(w)
	w.Flush()

	dst := &blocks{max: 1 << 30}
	defer dst.close()
	l := NewLoader(dst, &Stats{}, Options{})
	defer l.Close()
	r := stream.NewReader(&vecSource{data: out.Bytes(), grain: func() int { return 1 << 20 }})
	for range 2 {
		if err := l.Load(r, wire.RAMVersion); err != nil {
			t.Fatal(err)
		}
	}
	b := dst.list[0]
	next, ready := l.ahead.next, l.ahead.ready
	if next < first/2 || next > first || ready <= next {
		t.Fatalf("the section ends before page %d, and pages before %d are ready", next, ready)
	}
	if n := resident(t, b, next, ready-next); n != ready-next {
		t.Errorf("%d of %d pages are still ready", n, ready-next)
	}
	if rest := b.Bytes()[next*memory.PageSize:]; !bytes.Equal(rest, make([]byte, len(rest))) {
		t.Error("what does not belong there was left behind")
	}
	if err := l.Load(r, wire.RAMVersion); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), src[0].Bytes()) {
		t.Error("memory differs")
	}
}

// resident is how many of the pages are in memory.
func resident(t *testing.T, b *memory.Block, first, count uint64) (n uint64) {
	t.Helper()
	in := make([]byte, count)
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&b.Bytes()[first*memory.PageSize])),
		uintptr(count*memory.PageSize), uintptr(unsafe.Pointer(&in[0])))
	if errno != 0 {
		t.Fatal(errno)
	}
	for _, state := range in {
		n += uint64(state & 1)
	}
	return n
}
