package chardev

import (
	"errors"
	"io"
	"sync"
)

const (
	defaultRing = 64 << 10
	maxRing     = 1 << 30 // more than a console ever says
)

// Ring is a buffer in memory that keeps the last bytes written to it.
type Ring struct {
	mu    sync.Mutex
	bytes []byte
	start int // of the oldest byte
	count int
}

func newRing(size uint64) (*Ring, error) {
	switch {
	case size == 0:
		size = defaultRing
	case size&(size-1) != 0:
		return nil, errors.New("size of ringbuf chardev must be power of two")
	case size > maxRing:
		return nil, errors.New("size of ringbuf chardev is too large")
	}
	return &Ring{bytes: make([]byte, size)}, nil
}

// Write never fails: old bytes make room.
func (r *Ring) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	size := len(r.bytes)
	rest := p
	if skip := len(rest) - size; skip > 0 {
		rest = rest[skip:]
		r.count = 0
	}
	for len(rest) > 0 {
		end := (r.start + r.count) & (size - 1)
		n := copy(r.bytes[end:], rest)
		rest = rest[n:]
		if over := r.count + n - size; over > 0 {
			r.start = (r.start + over) & (size - 1)
			r.count -= over
		}
		r.count += n
	}
	return len(p), nil
}

// Take removes and returns the oldest bytes, at most n.
func (r *Ring) Take(n int64) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]byte, min(n, int64(r.count)))
	first := copy(out, r.bytes[r.start:])
	copy(out[first:], r.bytes)
	r.start = (r.start + len(out)) & (len(r.bytes) - 1)
	r.count -= len(out)
	return out
}

// Read is there for what a device must be able to do; what a ring holds is read with Take.
func (r *Ring) Read([]byte) (int, error) { return 0, io.EOF }
