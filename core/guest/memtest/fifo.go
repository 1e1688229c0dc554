package memtest

import "sync/atomic"

// fifoSize is how many bytes the port takes before its guest has to wait: that
// of a 16550A.
const fifoSize = 16

// fifo is what waits in the serial port. One vCPU puts bytes in, and one other
// takes them out, which may be in another process.
type fifo struct {
	put, taken atomic.Uint32 // how many bytes ever were
	busy       atomic.Bool   // what was taken last is still on its way
	data       [fifoSize]byte
}

// push puts a byte in. False means that it is full.
func (f *fifo) push(b byte) bool {
	n := f.put.Load()
	if n-f.taken.Load() == fifoSize {
		return false
	}
	f.data[n%fifoSize] = b
	f.put.Store(n + 1)
	return true
}

// empty says whether all that was put in has got where it was to go.
func (f *fifo) empty() bool { return f.taken.Load() == f.put.Load() && !f.busy.Load() }

// waiting copies what is in, and says how much that is.
func (f *fifo) waiting(into *[fifoSize]byte) int {
	from, to := f.taken.Load(), f.put.Load()
	// Whatever another process wrote there.
	n := min(to-from, fifoSize)
	for i := range n {
		into[i] = f.data[(from+i)%fifoSize]
	}
	return int(n)
}

// take takes out what waits; it is busy with it until the next call.
func (f *fifo) take(into *[fifoSize]byte) int {
	n := f.waiting(into)
	// First busy: whoever finds nothing waiting looks at that next.
	f.busy.Store(n > 0)
	f.taken.Add(uint32(n))
	return n
}

// load replaces what is in; nobody else may be at it.
func (f *fifo) load(data []byte) {
	f.taken.Store(f.put.Load())
	for _, b := range data {
		f.push(b)
	}
}
