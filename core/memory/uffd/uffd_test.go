package uffd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	all   = MissingShmem | MissingHugetlb | ThreadID | WPHugetlbShmem | WPAsync
	pages = 64
)

// memory is a memfd and two mappings of it: one that a test watches, and one
// that a test looks through.
type memory struct {
	watched, plain []byte
	*File
}

func newMemory(t *testing.T) *memory {
	t.Helper()
	fd, err := unix.MemfdCreate("test", unix.MFD_CLOEXEC)
	if err == nil {
		defer unix.Close(fd)
		err = unix.Ftruncate(fd, pages*pageSize)
	}
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{}
	for _, mapping := range []*[]byte{&m.watched, &m.plain} {
		*mapping, err = unix.Mmap(fd, 0, pages*pageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err != nil {
			t.Fatal(err)
		}
	}
	if m.File, err = Open(all); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.Close()
		_ = unix.Munmap(m.watched)
		_ = unix.Munmap(m.plain)
	})
	return m
}

func (m *memory) at(page uint64) uint64 {
	return uint64(uintptr(unsafe.Pointer(&m.watched[0]))) + page*pageSize
}

func TestProbe(t *testing.T) {
	if err := Probe(all); err != nil {
		t.Fatal(err)
	}
}

// Whatever is missing, the error says what, and what to do about it.
func TestWhatIsMissingIsSaid(t *testing.T) {
	for _, c := range []struct {
		missing Feature
		err     error
		words   []string
	}{
		{0, os.NewSyscallError("userfaultfd", unix.EPERM),
			[]string{"closed to this process", "vm.unprivileged_userfaultfd=1", "/dev/userfaultfd", "CAP_SYS_PTRACE", "seccomp"}},
		{0, unix.ENOSYS, []string{"CONFIG_USERFAULTFD"}},
		{0, errNoScan, []string{"PAGEMAP_SCAN", "6.7"}},
		{WPAsync | ThreadID, nil, []string{"THREAD_ID", "WP_ASYNC", "6.7"}},
		{1 << 60, nil, []string{"feature 0x1000000000000000"}},
	} {
		text := fmt.Sprint(explain(c.missing, c.err))
		for _, word := range c.words {
			if !strings.Contains(text, word) {
				t.Errorf("%q does not say %q", text, word)
			}
		}
	}
	if explain(0, nil) != nil {
		t.Error("an error for nothing")
	}
	if missing, err := look(1 << 60); missing != 1<<60 || err != nil {
		t.Errorf("missing 0x%x, %v", uint64(missing), err)
	}
}

// What is placed appears in every mapping, and what is there stays.
func TestCopyAndZero(t *testing.T) {
	m := newMemory(t)
	if err := m.Register(m.at(0), pages*pageSize, Missing|Protected); err != nil {
		t.Fatal(err)
	}
	m.plain[2*pageSize] = 9 // there already, in the middle of what is placed
	data := bytes.Repeat([]byte{1}, 5*pageSize)
	if err := m.Copy(m.at(0), data, pageSize); err != nil {
		t.Fatal(err)
	}
	if err := m.Zero(m.at(4), 3*pageSize, pageSize); err != nil {
		t.Fatal(err)
	}
	for _, mem := range [][]byte{m.watched, m.plain} {
		for page, want := range []byte{1, 1, 9, 1, 1, 0, 0} {
			if got := mem[page*pageSize]; got != want {
				t.Errorf("page %d is %d, want %d", page, got, want)
			}
		}
	}
	if err := m.Unregister(m.at(0), pages*pageSize); err != nil {
		t.Fatal(err)
	}
	if m.watched[9*pageSize] != 0 {
		t.Error("a page that nobody watches any more")
	}
	if err := m.Copy(1<<46, data, pageSize); !errors.Is(err, unix.ENOENT) {
		t.Errorf("a copy to nowhere: %v", err)
	}
}

// A thread that touches a missing page waits, its fault names it, and it goes
// on with what was placed.
func TestFault(t *testing.T) {
	m := newMemory(t)
	if err := m.Register(m.at(0), pages*pageSize, Missing); err != nil {
		t.Fatal(err)
	}
	var thread atomic.Int32
	got := make(chan byte)
	// A processor stays with the thread that waits, and the collector would
	// wait for it.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 2))
	go func() {
		runtime.LockOSThread()
		thread.Store(int32(unix.Gettid()))
		b := m.watched[7*pageSize+5]
		got <- b
	}()
	var faults [16]Fault
	n, err := m.Faults(faults[:])
	if err != nil || n != 1 || faults[0].Address&^(pageSize-1) != m.at(7) || faults[0].Thread != uint32(thread.Load()) {
		t.Errorf("faults %v, %v, want thread %d", faults[:n], err, thread.Load())
	}
	if err := m.Copy(m.at(7), bytes.Repeat([]byte{6}, pageSize), pageSize); err != nil {
		t.Fatal(err)
	}
	if b := <-got; b != 6 {
		t.Errorf("read %d", b)
	}
	if err := m.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	for errors.Is(err, nil) {
		_, err = m.Faults(faults[:])
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the wait ended with %v", err)
	}
}

// Writes since the last look are told, whether their pages were there or not,
// and reads are not.
func TestWritten(t *testing.T) {
	m := newMemory(t)
	p, err := OpenPagemap()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	written := func() (list []uint64) {
		t.Helper()
		if err := p.Written(m.at(0), m.at(pages), func(start, end uint64) {
			for ; start < end; start += pageSize {
				list = append(list, (start-m.at(0))/pageSize)
			}
		}); err != nil {
			t.Fatal(err)
		}
		return list
	}
	if err := p.Written(m.at(0), m.at(pages), nil); !errors.Is(err, unix.EPERM) {
		t.Errorf("a range where writes leave no trace: %v", err)
	}
	m.watched[3*pageSize], m.plain[20*pageSize] = 1, 1
	if err := m.Register(m.at(0), pages*pageSize, Protected); err != nil {
		t.Fatal(err)
	}
	if err := m.Protect(m.at(0), pages*pageSize, true); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if list := written(); len(list) != 0 {
			t.Errorf("nothing was written, and yet %v", list)
		}
		m.watched[3*pageSize]++
		m.watched[63*pageSize]++
		m.watched[20*pageSize+8]++
		if m.watched[40*pageSize]+m.watched[41*pageSize] != 0 {
			t.Error("not zero")
		}
		if list := fmt.Sprint(written()); list != "[3 20 63]" {
			t.Errorf("written: %s", list)
		}
	}
	present := 0
	if err := p.Present(m.at(0), m.at(pages), func(start, end uint64) { present += int(end-start) / pageSize }); err != nil {
		t.Fatal(err)
	}
	if present < 5 {
		t.Errorf("%d pages are mapped", present)
	}
}
