package passfd

import (
	"io"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

const maxFDs = 16 // descriptors taken from one message; the kernel closes the others

// Receiver reads from a connection and keeps the descriptors that come along, if it is a unix socket: always those
// of the last message that had some.
type Receiver struct {
	conn   io.Reader
	socket *net.UnixConn // nil: conn is none
	rights []byte

	mu      sync.Mutex
	pending []int
}

// NewReceiver returns a receiver that reads from conn. A layer that leaves what is read as it is can show the socket
// below it by a method NetConn.
func NewReceiver(conn io.Reader) *Receiver {
	r := &Receiver{conn: conn}
	if layer, ok := conn.(interface{ NetConn() net.Conn }); ok {
		r.socket, _ = layer.NetConn().(*net.UnixConn)
	} else {
		r.socket, _ = conn.(*net.UnixConn)
	}
	return r
}

// Read is the connection's. Calls must not overlap.
func (r *Receiver) Read(p []byte) (int, error) {
	if r.socket == nil {
		return r.conn.Read(p)
	}
	if r.rights == nil {
		r.rights = make([]byte, unix.CmsgSpace(maxFDs*4))
	}
	n, rightsLen, _, _, err := r.socket.ReadMsgUnix(p, r.rights)
	if rightsLen > 0 {
		r.keep(r.rights[:rightsLen])
	}
	if n == 0 && err == nil {
		err = io.EOF
	}
	return max(n, 0), err
}

// keep replaces what is pending by the descriptors in control messages.
func (r *Receiver) keep(control []byte) {
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

// TakeFirst returns the first pending descriptor as a file and closes the others; nil when there is none.
func (r *Receiver) TakeFirst(name string) *os.File {
	fd, ok := r.TakeFirstFD()
	if !ok {
		return nil
	}
	return os.NewFile(uintptr(fd), name)
}

// TakeFirstFD is TakeFirst for those who want no file of it; it tells whether there is one.
func (r *Receiver) TakeFirstFD() (fd int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pending) == 0 {
		return -1, false
	}
	fd = r.pending[0]
	closeAll(r.pending[1:])
	r.pending = nil
	return fd, true
}

// Close closes what is pending, and leaves the connection alone.
func (r *Receiver) Close() { r.replace(nil) }

func (r *Receiver) replace(fds []int) {
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
