//go:build !nognutls

package gnutls

import (
	"errors"
	"fmt"
	"sync"
	"syscall"

	"github.com/ebitengine/purego"
)

// soname is the library with the interface that is called here. It has been the same since GnuTLS 3.0.
const soname = "libgnutls.so.30"

// Load finds the library. It is one for the whole process, like the heap: what was loaded, and the functions of ours
// that it calls, can never be given back.
var Load = sync.OnceValues(load)

// Library is GnuTLS.
type Library struct {
	functions
	push, pull, errno uintptr // functions of ours, for C

	mu       sync.Mutex
	sessions map[uintptr]*Session // by the number that they are known by in C
	last     uintptr
}

func load() (*Library, error) {
	handle, err := purego.Dlopen(soname, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("TLS credentials support requires GNUTLS: %w", err)
	}
	l := &Library{sessions: map[uintptr]*Session{}}
	if err := l.find(handle); err != nil {
		return nil, err
	}
	l.push = purego.NewCallback(func(id uintptr, data *byte, size uintptr) uintptr { return l.session(id).push(data, size) })
	l.pull = purego.NewCallback(func(id uintptr, data *byte, size uintptr) uintptr { return l.session(id).pull(data, size) })
	// The library's own place for the number is shared by both directions.
	l.errno = purego.NewCallback(func(uintptr) uintptr { return uintptr(syscall.EAGAIN) })
	return l, nil
}

// enter makes a session known to the functions that C calls.
func (l *Library) enter(s *Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	s.id = l.last
	l.sessions[s.id] = s
}

func (l *Library) leave(s *Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.sessions, s.id)
}

func (l *Library) session(id uintptr) *Session {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sessions[id]
}

// fail words what a function returned, nil for success.
func (l *Library) fail(code int32) error {
	if code >= 0 {
		return nil
	}
	return errors.New(l.strerror(code))
}
