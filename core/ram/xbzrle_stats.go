package ram

import (
	"math"
	"sync/atomic"

	"qmpmigrate/core/memory"
)

// XBZRLEStats counts what the cache of xbzrle was good for.
type XBZRLEStats struct {
	// Pages is how many pages were found in the cache, and Misses how many were not.
	Pages, Misses atomic.Uint64
	// Overflows is how many of Pages went in full, as they would have been longer otherwise.
	Overflows atomic.Uint64
	// Bytes is what Pages made in the stream.
	Bytes atomic.Uint64

	missRate, encodingRate atomic.Uint64 // bits of floating-point numbers
}

// MissRate is how many of the pages that were sent lately were not in the cache.
func (s *XBZRLEStats) MissRate() float64 { return math.Float64frombits(s.missRate.Load()) }

// EncodingRate is how many times larger those that were found were before.
func (s *XBZRLEStats) EncodingRate() float64 { return math.Float64frombits(s.encodingRate.Load()) }

// xbzrleRates has what the counters were when the rates were last worked out.
type xbzrleRates struct {
	same                        uint64 // pages that made no record
	before                      uint64 // pages that made one
	pages, misses, encodedBytes uint64
}

// period works the rates out once the log was read after a second or more.
func (x *xbzrleWay) period() {
	r, s := &x.rates, &x.saver.stats.XBZRLE
	pages, misses, encoded := s.Pages.Load(), s.Misses.Load(), s.Bytes.Load()
	all := x.saver.stats.Normal.Load() + x.saver.stats.Zero.Load() + pages - s.Overflows.Load() - r.same
	sent := all - r.before
	r.before = all
	if sent == 0 {
		return
	}
	rate := 0.0
	if pages != r.pages && encoded != r.encodedBytes {
		rate = float64((pages-r.pages)*memory.PageSize) / float64(encoded-r.encodedBytes)
	}
	s.missRate.Store(math.Float64bits(float64(misses-r.misses) / float64(sent)))
	s.encodingRate.Store(math.Float64bits(rate))
	r.pages, r.misses, r.encodedBytes = pages, misses, encoded
}
