package vfiosim

import (
	"encoding/binary"
	"math"
	"time"
)

// chunkSize is the unit in which a device changes its state and gives it away.
const chunkSize = 64 << 10

// contents is the state of a device: chunks that it rewrites one after the
// other, from the first to the last and again. How often it has done so is all
// that the state is made of.
type contents struct {
	size uint64 // bytes
	rate uint64 // bytes per second

	base  uint64    // rewritten before since
	since time.Time // when it began to run, zero while it does not
}

func (c *contents) chunks() uint64 { return (c.size + chunkSize - 1) / chunkSize }

// length is how many bytes chunk i has.
func (c *contents) length(i uint64) int { return int(min(chunkSize, c.size-i*chunkSize)) }

// run lets the device rewrite chunks from now on.
func (c *contents) run(now time.Time) {
	if c.since.IsZero() {
		c.since = now
	}
}

// halt ends that.
func (c *contents) halt(now time.Time) {
	c.base = c.writes(now)
	c.since = time.Time{}
}

// writes is how many chunks have been rewritten.
func (c *contents) writes(now time.Time) uint64 {
	if c.since.IsZero() {
		return c.base
	}
	chunks := now.Sub(c.since).Seconds() * float64(c.rate) / chunkSize
	return c.base + uint64(max(min(chunks, math.MaxInt64), 0))
}

// generation is how often chunk i was rewritten among the first writes.
func (c *contents) generation(i, writes uint64) uint64 {
	if writes <= i {
		return 0
	}
	return (writes-1-i)/c.chunks() + 1
}

// fill makes the contents of chunk i at a generation. p has the chunk's length.
func fill(p []byte, i, generation uint64) {
	word, step := seed(i, generation)
	for ; len(p) >= 8; p = p[8:] {
		binary.LittleEndian.PutUint64(p, word)
		word += step
	}
	for n := range p {
		p[n] = byte(word >> (8 * n))
	}
}

// holds says whether p is what fill makes.
func holds(p []byte, i, generation uint64) bool {
	word, step := seed(i, generation)
	var wrong uint64
	for ; len(p) >= 8; p = p[8:] {
		wrong |= binary.LittleEndian.Uint64(p) ^ word
		word += step
	}
	for n := range p {
		wrong |= uint64(p[n] ^ byte(word>>(8*n)))
	}
	return wrong == 0
}

// seed spreads what names a content over the two words that make it.
func seed(i, generation uint64) (word, step uint64) {
	word = mix(mix(i) + generation)
	return word, mix(word) | 1
}

// mix is the finalizer of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
