package channels

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// inside says whether who reads from a stream, or writes to it, waits in a system call of its own.
type inside struct {
	reads, writes atomic.Bool
	closed        atomic.Bool // Close was called
}

// ReadInside makes who reads from c wait in a system call instead of the runtime's poller. It is for a goroutine that is
// tied to a thread, which the poller has woken by another thread.
func ReadInside(c Conn) {
	if s, ok := bare(c); ok && s.socket {
		s.inside.reads.Store(true)
	}
}

// WriteInside is ReadInside for who writes to c.
func WriteInside(c Conn) {
	if s, ok := bare(c); ok && s.socket {
		s.inside.writes.Store(true)
	}
}

// insideTime is how long, in milliseconds, who waits inside may not hear of a Close. Shutdown is heard at once.
const insideTime = 100

// await waits inside for events of a socket; false is "wait in the poller", for who does not wait inside.
func (s *stream) await(inside *atomic.Bool, fd uintptr, events int16) bool {
	for inside.Load() && !s.down.Load() && !s.inside.closed.Load() {
		p := [1]unix.PollFd{{Fd: int32(fd), Events: events}}
		if n, _ := unix.Poll(p[:], insideTime); n > 0 {
			return true
		}
	}
	return false
}
