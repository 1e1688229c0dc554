package memtest

import "math/bits"

// order is the order in which one round visits n pages, each once: visit i is
// page (stride*i + start) mod n.
type order struct {
	n, stride, start uint64
	inverse          uint64 // stride*inverse mod n is 1
}

// newOrder draws an order of n pages. n is above 0.
func newOrder(n, draw uint64) order {
	o := order{n: n, start: mix(draw+1) % n}
	o.stride = draw % n
	for {
		var common uint64
		if common, o.inverse = invert(o.stride, n); common == 1 {
			return o
		}
		o.stride = (o.stride + 1) % n
	}
}

// page is the page of visit i, below n.
func (o *order) page(i uint64) uint64 {
	p := mulmod(o.stride, i, o.n) + o.start
	return p % o.n
}

// visit is the reverse of page.
func (o *order) visit(page uint64) uint64 {
	return mulmod(page+o.n-o.start, o.inverse, o.n)
}

// after is the page that is visited next after this one.
func (o *order) after(page uint64) uint64 {
	if page += o.stride; page >= o.n {
		page -= o.n
	}
	return page
}

func mulmod(a, b, n uint64) uint64 {
	hi, lo := bits.Mul64(a%n, b%n)
	_, rem := bits.Div64(hi, lo, n)
	return rem
}

// invert gives the greatest common divisor of a and n and, where that is 1, the
// inverse of a modulo n (Euclid's algorithm). n is below 1<<63.
func invert(a, n uint64) (common, inverse uint64) {
	r0, r1 := n, a
	t0, t1 := int64(0), int64(1)
	for r1 != 0 {
		q := r0 / r1
		r0, r1 = r1, r0-q*r1
		t0, t1 = t1, t0-int64(q)*t1
	}
	if t0 < 0 {
		t0 += int64(n)
	}
	return r0, uint64(t0) % n
}
