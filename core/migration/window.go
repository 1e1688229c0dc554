package migration

import (
	"math"
	"time"
)

// windowLength is the period over which bandwidth is measured and limited.
const windowLength = 100 * time.Millisecond

// window measures how fast the stream goes out, and says when it went out fast enough.
type window struct {
	began time.Time
	bytes int64 // offset of the stream when the window began
	pages uint64

	// What the last whole window measured.
	bandwidth float64 // bytes per millisecond; 0 before the first window ended
	moved     int64   // bytes
	mbps      float64 // 10^6 bits per second
	pagesRate float64 // pages per second
}

func (w *window) start(now time.Time, offset int64, pages uint64) {
	w.began, w.bytes, w.pages = now, offset, pages
}

// over says whether the window has had its time.
func (w *window) over(now time.Time) bool { return now.Sub(w.began) >= windowLength }

// left is how long the window still lasts.
func (w *window) left(now time.Time) time.Duration { return windowLength - now.Sub(w.began) }

// measured says whether any window has ended yet.
func (w *window) measured() bool { return w.bandwidth > 0 }

// room is how many bytes limit, in bytes per second and 0 for none, still
// allows in this window.
func (w *window) room(offset int64, limit uint64) int64 {
	if limit == 0 {
		return math.MaxInt64
	}
	share := min(max(limit/uint64(time.Second/windowLength), 1), math.MaxInt64)
	return max(int64(share)-(offset-w.bytes), 0)
}

// roll takes the measure of the window and begins the next one.
func (w *window) roll(now time.Time, offset int64, pages uint64) {
	ms := float64(now.Sub(w.began)) / float64(time.Millisecond)
	w.moved = offset - w.bytes
	w.bandwidth = float64(w.moved) / ms
	w.mbps = float64(w.moved) * 8 / ms / 1000
	w.pagesRate = float64(pages-w.pages) / ms * 1000
	w.start(now, offset, pages)
}

// threshold is how many bytes may be left for a switchover within limit:
// available, in bytes per second, replaces the measure where it is not 0.
func (w *window) threshold(available uint64, limit time.Duration) uint64 {
	rate := w.bandwidth
	if available != 0 {
		rate = float64(available) / 1000
	}
	return uint64(min(rate*float64(limit.Milliseconds()), 1<<62))
}
