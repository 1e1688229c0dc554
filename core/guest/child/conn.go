package child

import (
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// MaxMessage is how long a message may be, in bytes.
const MaxMessage = 16 << 10

// maxFiles is how many descriptors go with one message.
const maxFiles = 4

// Conn is the line between a process and its child. Messages keep their
// borders and their order, and may carry descriptors. One goroutine receives;
// any may send.
type Conn struct{ sock *net.UnixConn }

// newConn takes a socket over.
func newConn(f *os.File) (*Conn, error) {
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	sock, ok := c.(*net.UnixConn)
	if !ok {
		c.Close()
		return nil, fmt.Errorf("descriptor %d is no unix socket", f.Fd())
	}
	return &Conn{sock}, nil
}

// pair makes a line; far is the end for the other process.
func pair() (near *Conn, far *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	far = os.NewFile(uintptr(fds[1]), "far")
	near, err = newConn(os.NewFile(uintptr(fds[0]), "near"))
	if err != nil {
		far.Close()
		return nil, nil, err
	}
	return near, far, nil
}

// Send sends a message, and copies of the descriptors.
func (c *Conn) Send(message []byte, files ...*os.File) error {
	if len(files) == 0 {
		_, err := c.sock.Write(message)
		return err
	}
	fds := make([]int, len(files))
	for i, f := range files {
		raw, err := f.SyscallConn()
		if err != nil {
			return err
		}
		// Not Fd, which makes the descriptor blocking. It stays open until
		// the caller is told.
		if err := raw.Control(func(fd uintptr) { fds[i] = int(fd) }); err != nil {
			return err
		}
	}
	_, _, err := c.sock.WriteMsgUnix(message, unix.UnixRights(fds...), nil)
	return err
}

// Receive waits for a message. io.EOF says that the other end is closed.
func (c *Conn) Receive(buf []byte) (n int, err error) { return c.sock.Read(buf) }

// ReceiveFiles is Receive for a message with descriptors, which are the caller's.
func (c *Conn) ReceiveFiles(buf []byte) (n int, files []*os.File, err error) {
	oob := make([]byte, unix.CmsgSpace(4*maxFiles))
	n, oobn, flags, _, err := c.sock.ReadMsgUnix(buf, oob)
	if err != nil {
		return 0, nil, err
	}
	messages, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil {
		return 0, nil, err
	}
	for i := range messages {
		fds, err := unix.ParseUnixRights(&messages[i])
		if err != nil {
			continue
		}
		for _, fd := range fds {
			unix.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), "received"))
		}
	}
	if flags&(unix.MSG_TRUNC|unix.MSG_CTRUNC) != 0 {
		closeAll(files)
		return 0, nil, fmt.Errorf("a message of more than %d bytes or %d descriptors", len(buf), maxFiles)
	}
	return n, files, nil
}

// SetReadDeadline bounds Receive.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.sock.SetReadDeadline(t) }

// Close ends the line.
func (c *Conn) Close() error { return c.sock.Close() }

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
