package memtest

import "math/bits"

// mix spreads every bit of x over the whole result (the finalizer of splitmix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// hash makes one number of two, in this order.
func hash(a, b uint64) uint64 { return mix(mix(a+0x9e3779b97f4a7c15) ^ b) }

// noise is a stream of words that no compressor finds anything in, at one
// multiplication per word.
type noise uint64

func (n *noise) next() uint64 {
	*n += 0xa0761d6478bd642f
	hi, lo := bits.Mul64(uint64(*n), uint64(*n)^0xe7037ed1a0b428db)
	return hi ^ lo
}

// percent draws whether h, a hash, is among the first share of 100.
func percent(h uint64, share uint8) bool {
	hi, _ := bits.Mul64(h, 100)
	return hi < uint64(share)
}
