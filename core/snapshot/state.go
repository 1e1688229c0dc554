package snapshot

import (
	"errors"
	"io"

	"qmpmigrate/core/block"
)

// errGone is the error of a disk that cannot keep snapshots any more.
var errGone = errors.New("Could not open VM state file")

// chunk is how much of the VM state is written or read at once, in bytes.
const chunk = 1 << 20

// Writer writes the state of a VM for the next snapshot of a disk, from its
// beginning on.
type Writer struct {
	node *block.Node
	buf  []byte
	at   int64 // where buf goes
}

// NewWriter makes a writer onto a disk.
func NewWriter(keeper *block.Node) *Writer {
	return &Writer{node: keeper, buf: make([]byte, 0, chunk)}
}

// Write takes p over.
func (w *Writer) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		part := min(len(p), chunk-len(w.buf))
		w.buf = append(w.buf, p[:part]...)
		p = p[part:]
		if len(w.buf) == chunk {
			if err := w.Flush(); err != nil {
				return n, err
			}
		}
		n += part
	}
	return n, nil
}

// Flush writes what Write took over.
func (w *Writer) Flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	ok, err := w.node.Snapshots(func(s block.Snapshots) error { return s.WriteVMState(w.buf, w.at) })
	if !ok {
		return errGone
	}
	if err != nil {
		return err
	}
	w.at += int64(len(w.buf))
	w.buf = w.buf[:0]
	return nil
}

// Size is how much was flushed, in bytes.
func (w *Writer) Size() int64 { return w.at }

// Reader reads the state of a VM from the snapshot that was applied last.
type Reader struct {
	node    *block.Node
	at, end int64
}

// NewReader makes a reader of size bytes.
func NewReader(keeper *block.Node, size int64) *Reader { return &Reader{node: keeper, end: size} }

// Read reads what comes next.
func (r *Reader) Read(p []byte) (n int, err error) {
	p = p[:min(int64(len(p)), r.end-r.at, chunk)]
	if len(p) == 0 {
		return 0, io.EOF
	}
	ok, err := r.node.Snapshots(func(s block.Snapshots) (err error) {
		n, err = s.ReadVMState(p, r.at)
		return err
	})
	if !ok {
		return 0, errGone
	}
	r.at += int64(n)
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}
