package passfd

import (
	"cmp"
	"os"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"qmpmigrate/qapi"
)

// Sets are numbered sets of descriptors, which all monitors of a server share. The path /dev/fdset/N opens a
// descriptor of set N. The zero value has none.
type Sets struct {
	mu     sync.Mutex
	closed bool
	sets   []*set // by ascending id
}

// set is there as long as it has a descriptor, or one that was opened from it is in use.
type set struct {
	id   int64
	fds  []member // in the order in which they came
	open int      // duplicates in use
}

type member struct {
	fd     int
	opaque *string // for people who ask
}

// Add takes a descriptor over, also when it fails, and puts it into a set; nil is a new one with the lowest free id.
func (s *Sets) Add(fd int, id *int64, opaque *string) (*qapi.AddfdInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	switch {
	case s.closed:
		err = os.ErrClosed
	case id != nil && *id < 0:
		err = qapi.Errorf("Parameter 'fdset-id' expects a non-negative value")
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	if id == nil {
		id = new(s.freeID())
	}
	i, found := s.find(*id)
	if !found {
		s.sets = slices.Insert(s.sets, i, &set{id: *id})
	}
	s.sets[i].fds = append(s.sets[i].fds, member{fd, opaque})
	return &qapi.AddfdInfo{FdsetID: *id, FD: int64(fd)}, nil
}

// Remove closes a descriptor of a set, or all for nil. Duplicates that are in use stay open.
func (s *Sets) Remove(id int64, fd *int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, found := s.find(id)
	if found {
		found = s.sets[i].remove(fd)
		s.drop(s.sets[i])
	}
	switch {
	case found:
		return nil
	case fd != nil:
		return qapi.Errorf("File descriptor named 'fdset-id:%d, fd:%d' not found", id, *fd)
	}
	return qapi.Errorf("File descriptor named 'fdset-id:%d' not found", id)
}

// remove closes one descriptor, or all for nil, and tells whether that is done.
func (t *set) remove(fd *int64) bool {
	before := len(t.fds)
	t.fds = slices.DeleteFunc(t.fds, func(m member) bool {
		if fd != nil && int64(m.fd) != *fd {
			return false
		}
		unix.Close(m.fd)
		return true
	})
	return fd == nil || len(t.fds) < before
}

// List shows all sets, the highest id first as QEMU does.
func (s *Sets) List() []qapi.FdsetInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]qapi.FdsetInfo, 0, len(s.sets))
	for _, t := range slices.Backward(s.sets) {
		info := qapi.FdsetInfo{FdsetID: t.id, Fds: make([]qapi.FdsetFdInfo, len(t.fds))}
		for i, m := range t.fds {
			info.Fds[i] = qapi.FdsetFdInfo{FD: int64(m.fd), Opaque: m.opaque}
		}
		list = append(list, info)
	}
	return list
}

// Close closes all descriptors; from then on none is kept.
func (s *Sets) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, t := range s.sets {
		t.remove(nil)
	}
	s.sets = nil
}

// drop forgets a set that is of no use any more.
func (s *Sets) drop(t *set) {
	if i, found := s.find(t.id); found && s.sets[i] == t && len(t.fds)+t.open == 0 {
		s.sets = slices.Delete(s.sets, i, i+1)
	}
}

func (s *Sets) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(s.sets, id, func(t *set, id int64) int { return cmp.Compare(t.id, id) })
}

func (s *Sets) freeID() int64 {
	for i, t := range s.sets {
		if t.id != int64(i) {
			return int64(i)
		}
	}
	return int64(len(s.sets))
}
