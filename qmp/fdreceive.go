package qmp

import (
	"io"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// fdReceiver reads from a connection and keeps the descriptors that come along, if it is a unix socket: always those
// of the last message that had some.
type fdReceiver struct {
	conn   io.Reader
	rights []byte

	mu      sync.Mutex
	pending []int
}

// read is conn.Read.
func (r *fdReceiver) read(p []byte) (int, error) {
	conn, ok := r.conn.(*net.UnixConn)
	if !ok {
		return r.conn.Read(p)
	}
	if r.rights == nil {
		r.rights = make([]byte, unix.CmsgSpace(maxFDs*4))
	}
	n, rightsLen, _, _, err := conn.ReadMsgUnix(p, r.rights)
	if rightsLen > 0 {
		r.keep(r.rights[:rightsLen])
	}
	if n == 0 && err == nil {
		err = io.EOF
	}
	return max(n, 0), err
}

// keep replaces what is pending by the descriptors in control messages.
func (r *fdReceiver) keep(control []byte) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return
	}
	var fds []int
	for i := range messages {
		if rights, err := unix.ParseUnixRights(&messages[i]); err == nil {
			fds = append(fds, rights...)
		}
	}
	if len(fds) > 0 {
		r.replace(fds)
	}
}

// takeFirst returns the first pending descriptor as a file and closes the others; nil when there is none.
func (r *fdReceiver) takeFirst(name string) *os.File {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pending) == 0 {
		return nil
	}
	file := os.NewFile(uintptr(r.pending[0]), name)
	closeAll(r.pending[1:])
	r.pending = nil
	return file
}

func (r *fdReceiver) close() { r.replace(nil) }

func (r *fdReceiver) replace(fds []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	closeAll(r.pending)
	r.pending = fds
}

func closeAll(fds []int) {
	for _, fd := range fds {
		unix.Close(fd)
	}
}
