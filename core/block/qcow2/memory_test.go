package qcow2

import (
	"math/rand/v2"
	"syscall"

	"qmpmigrate/core/block"
)

// memory is a file in memory which knows what a cut would leave of it.
type memory struct {
	data []byte
	safe []byte  // what was there at the last flush
	late []write // what came after
}

type write struct {
	off int64
	p   []byte
}

func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < int64(len(m.data)) {
		n = copy(p, m.data[off:])
	}
	clear(p[n:])
	return len(p), nil
}

func put(data []byte, p []byte, off int64) []byte {
	if end := off + int64(len(p)); end > int64(len(data)) {
		data = append(data, make([]byte, end-int64(len(data)))...)
	}
	copy(data[off:], p)
	return data
}

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	if off > 1<<28 {
		return 0, syscall.EFBIG
	}
	m.data = put(m.data, p, off)
	if m.safe != nil {
		m.late = append(m.late, write{off, append([]byte(nil), p...)})
	}
	return len(p), nil
}

func (m *memory) WriteZeros(off, n int64) error {
	if n > 1<<28 {
		return syscall.EFBIG
	}
	_, err := m.WriteAt(make([]byte, n), off)
	return err
}

func (m *memory) Size() int64 { return (int64(len(m.data)) + 511) / 512 * 512 }

func (m *memory) Extent(_, n int64) (block.Extent, error) {
	return block.Extent{Length: n, Allocated: true}, nil
}

func (m *memory) Flush() error {
	if m.safe != nil {
		for _, w := range m.late {
			m.safe = put(m.safe, w.p, w.off)
		}
		m.late = nil
	}
	return nil
}

// cut is what a loss of power leaves: what was flushed, and of the rest whatever
// the system wrote by chance.
func (m *memory) cut(seed uint64) *memory {
	r := rand.New(rand.NewPCG(seed, 0))
	left := append([]byte(nil), m.safe...)
	for _, w := range m.late {
		if r.IntN(2) == 0 {
			left = put(left, w.p, w.off)
		}
	}
	return &memory{data: left}
}
