package memtest

import (
	"unsafe"

	"qmpmigrate/core/memory"
)

// page is a page of guest memory under the stress workload. Words are in the
// host's order, which is the guest's: little-endian on x86.
//
//	word 0    the page's own number, and a tag that tells guests apart
//	word 1    the generation: how often the page was visited
//	word 2    the checksum of all other words
//	word 3…   payload
//
// A page that is zero at some generation has no header.
type page [pageWords]uint64

const (
	pageWords = memory.PageSize / 8

	wordID  = 0
	wordGen = 1
	wordSum = 2
	payload = 3 // the first word of it

	payloadWords = pageWords - payload

	// tagShift leaves 40 bits for the number: 4 PiB of memory.
	tagShift = 40
)

// pageAt is page n of mem, which begins at a page boundary.
func pageAt(mem []byte, n uint64) *page {
	return (*page)(unsafe.Pointer(&mem[n*memory.PageSize : (n+1)*memory.PageSize][0]))
}

// zero says whether the whole page is zero.
func (p *page) zero() bool {
	for i := 0; i < pageWords; i += 8 {
		w := (*[8]uint64)(p[i : i+8])
		if w[0]|w[1]|w[2]|w[3]|w[4]|w[5]|w[6]|w[7] != 0 {
			return false
		}
	}
	return true
}

// keys weigh the words in the checksum, which is the sum of all words times
// their keys. A change of some words changes the checksum by the sum of these
// changes times their keys, so that an update need not read the whole page,
// and, what matters more, it carries a wrong checksum on instead of healing it.
// Keys are odd: a change of a single word never goes unseen.
type keys [pageWords]uint64

func newKeys() *keys {
	k := &keys{}
	for i := range k {
		k[i] = mix(uint64(i)+1) | 1
	}
	k[wordSum] = 0
	return k
}

// sum is the checksum that belongs into word 2.
func (k *keys) sum(p *page) uint64 {
	var s0, s1, s2, s3 uint64
	for i := 0; i < pageWords; i += 4 {
		w, f := (*[4]uint64)(p[i:i+4]), (*[4]uint64)(k[i:i+4])
		s0 += w[0] * f[0]
		s1 += w[1] * f[1]
		s2 += w[2] * f[2]
		s3 += w[3] * f[3]
	}
	return s0 + s1 + s2 + s3
}
