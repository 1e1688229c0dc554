package passfd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// descriptor opens a file of its own.
func descriptor(t *testing.T, flags int) int {
	fd, err := unix.Open(filepath.Join(t.TempDir(), "f"), flags|unix.O_CREAT|unix.O_CLOEXEC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

// shown is the list in short: ID:number of descriptors.
func shown(s *Sets) string {
	var out []string
	for _, set := range s.List() {
		out = append(out, fmt.Sprintf("%d:%d", set.FdsetID, len(set.Fds)))
	}
	return strings.Join(out, " ")
}

func isOpen(fd int) bool {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil
}

func TestSets(t *testing.T) {
	var s Sets
	defer s.Close()
	add := func(id *int64) int64 {
		info, err := s.Add(descriptor(t, unix.O_RDWR), id, nil)
		if err != nil {
			t.Fatal(err)
		}
		return info.FdsetID
	}
	for i, c := range []struct {
		id   *int64
		want string
	}{
		{nil, "0:1"}, {new(int64(2)), "2:1 0:1"}, {nil, "2:1 1:1 0:1"}, {nil, "3:1 2:1 1:1 0:1"}, {new(int64(2)), "3:1 2:2 1:1 0:1"},
	} {
		add(c.id)
		if got := shown(&s); got != c.want {
			t.Fatalf("step %d: %s, want %s", i, got, c.want)
		}
	}
	fd := descriptor(t, unix.O_RDWR)
	if _, err := s.Add(fd, new(int64(-1)), nil); err == nil || err.Error() != "Parameter 'fdset-id' expects a non-negative value" || isOpen(fd) {
		t.Errorf("negative id: %v, open %v", err, isOpen(fd))
	}
	first := s.List()[1].Fds[0].FD
	for _, c := range []struct {
		id        int64
		fd        *int64
		fail, now string
	}{
		{9, nil, "File descriptor named 'fdset-id:9' not found", "3:1 2:2 1:1 0:1"},
		{2, new(int64(999999)), "File descriptor named 'fdset-id:2, fd:999999' not found", "3:1 2:2 1:1 0:1"},
		{2, &first, "", "3:1 2:1 1:1 0:1"},
		{2, &first, "File descriptor named 'fdset-id:2, fd:" + fmt.Sprint(first) + "' not found", "3:1 2:1 1:1 0:1"},
		{2, nil, "", "3:1 1:1 0:1"},
		{0, nil, "", "3:1 1:1"},
	} {
		err := s.Remove(c.id, c.fd)
		if (err == nil) != (c.fail == "") || err != nil && err.Error() != c.fail {
			t.Errorf("remove %d: %v, want %q", c.id, err, c.fail)
		}
		if got := shown(&s); got != c.now {
			t.Errorf("after remove %d: %s, want %s", c.id, got, c.now)
		}
	}
	if isOpen(int(first)) {
		t.Error("a removed descriptor is open")
	}
}

func TestOpenFD(t *testing.T) {
	var s Sets
	defer s.Close()
	for _, flags := range []int{unix.O_RDWR, unix.O_WRONLY | unix.O_APPEND} {
		if _, err := s.Add(descriptor(t, flags), nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		set   int64
		flags int
		fail  string
	}{
		{7, unix.O_RDONLY, "Failed to find fdset /dev/fdset/7"},
		{0, unix.O_WRONLY | unix.O_CREAT, "Failed to find file descriptor with matching flags=0x41"},
		{1, unix.O_RDONLY, "Failed to find file descriptor with matching flags=0x0"},
		{1, unix.O_WRONLY | unix.O_SYNC, "Failed to dup() given file descriptor fd=" + fmt.Sprint(s.List()[0].Fds[0].FD)},
	} {
		if _, _, err := s.OpenFD(c.set, c.flags); err == nil || err.Error() != c.fail {
			t.Errorf("set %d: %v, want %q", c.set, err, c.fail)
		}
	}
	file, done, err := s.OpenFD(1, unix.O_WRONLY|unix.O_CREAT)
	if err != nil {
		t.Fatal(err)
	}
	if flags, _ := unix.FcntlInt(file.Fd(), unix.F_GETFL, 0); flags&unix.O_APPEND != 0 {
		t.Error("the duplicate still appends")
	}
	// The set lives as long as its duplicate.
	if err := s.Remove(1, nil); err != nil || shown(&s) != "1:0 0:1" {
		t.Errorf("%v, sets are %s", err, shown(&s))
	}
	if _, err := file.WriteString("x"); err != nil {
		t.Error(err)
	}
	file.Close()
	for range 2 {
		if done(); shown(&s) != "0:1" {
			t.Errorf("sets are %s", shown(&s))
		}
	}
	s.Close()
	fd := descriptor(t, os.O_RDWR)
	if _, err := s.Add(fd, nil, nil); err == nil || isOpen(fd) {
		t.Errorf("after Close: %v, open %v", err, isOpen(fd))
	}
}
