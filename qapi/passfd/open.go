package passfd

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"qmpmigrate/qapi"
)

// OpenFD opens a duplicate of the first descriptor of a set that was opened with the access mode that flags, those of
// open(2), ask for. done must be called once the file was closed.
func (s *Sets) OpenFD(id int64, flags int) (file *os.File, done func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, found := s.find(id)
	if !found {
		return nil, nil, qapi.Errorf("Failed to find fdset /dev/fdset/%d", id)
	}
	t := s.sets[i]
	const mode = unix.O_ACCMODE | unix.O_DIRECT
	for _, m := range t.fds {
		has, err := unix.FcntlInt(uintptr(m.fd), unix.F_GETFL, 0)
		if err != nil {
			return nil, nil, qapi.Errorf("Failed to read file status flags for fd=%d", m.fd)
		}
		if (has^flags)&mode != 0 {
			continue
		}
		dup, err := duplicate(m.fd, has, flags)
		if err != nil {
			return nil, nil, qapi.Errorf("Failed to dup() given file descriptor fd=%d", m.fd)
		}
		t.open++
		return os.NewFile(uintptr(dup), "/dev/fdset"), sync.OnceFunc(func() { s.release(t) }), nil
	}
	return nil, nil, qapi.Errorf("Failed to find file descriptor with matching flags=0x%x", flags)
}

// duplicate makes a descriptor with the flags that can be changed afterwards.
func duplicate(fd, has, flags int) (int, error) {
	if (has^flags)&unix.O_SYNC != 0 {
		return -1, unix.EINVAL
	}
	dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if _, err := unix.FcntlInt(uintptr(dup), unix.F_SETFL, flags); err != nil {
		unix.Close(dup)
		return -1, err
	}
	return dup, nil
}

func (s *Sets) release(t *set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.open--
	s.drop(t)
}
