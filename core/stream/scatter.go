package stream

// vecReader is a channel that reads into many pieces with one system call.
type vecReader interface {
	ReadVec(iov [][]byte) (int, error)
}

// ScatterLimit is the most that one Scatter may ask for, in bytes: what Unread can take back.
const ScatterLimit = readBuffer

// CanScatter says whether Scatter may be called: the channel reads vectors, and
// nothing is buffered that would have to come first.
func (r *Reader) CanScatter() bool {
	return r.vec != nil && r.r == r.w && r.err == nil && r.srcErr == nil
}

// Scatter reads once from the channel straight into the pieces of iov, in
// order, and gives how many bytes it took. iov has at most ScatterLimit bytes.
// An error of the channel shows with the next value that is taken.
func (r *Reader) Scatter(iov [][]byte) int {
	n, err := r.vec.ReadVec(iov)
	r.offset += int64(n)
	r.srcErr = err
	return n
}

// Unread gives back what the last Scatter took and nobody wants yet, in order;
// the pieces together are no more than it took.
func (r *Reader) Unread(pieces ...[]byte) {
	if r.r == r.w {
		r.r, r.w = 0, 0
	}
	for _, p := range pieces {
		r.w += copy(r.buf[r.w:], p)
		r.offset -= int64(len(p))
	}
}
