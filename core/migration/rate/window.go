// Package rate says how fast a migration goes, and how fast it may: the window in
// which bandwidth is measured and limited, and the rest that a guest takes which
// writes faster than its memory goes out. Clock and counters are the caller's.
package rate

import (
	"math"
	"time"
)

// WindowLength is the period over which bandwidth is measured and limited.
const WindowLength = 100 * time.Millisecond

// Window measures how fast the stream goes out, and says when it went out fast enough.
type Window struct {
	began time.Time
	bytes int64 // offset of the stream when the window began
	pages uint64

	// What the last whole window measured.
	Bandwidth float64 // bytes per millisecond; 0 before the first window ended
	Moved     int64   // bytes
	Mbps      float64 // 10^6 bits per second
	PagesRate float64 // pages per second
}

// Start begins a window; what the last one measured stays.
func (w *Window) Start(now time.Time, offset int64, pages uint64) {
	w.began, w.bytes, w.pages = now, offset, pages
}

// Over says whether the window has had its time.
func (w *Window) Over(now time.Time) bool { return now.Sub(w.began) >= WindowLength }

// Left is how long the window still lasts.
func (w *Window) Left(now time.Time) time.Duration { return WindowLength - now.Sub(w.began) }

// Measured says whether any window has ended yet.
func (w *Window) Measured() bool { return w.Bandwidth > 0 }

// Room is how many bytes limit, in bytes per second and 0 for none, still
// allows in this window.
func (w *Window) Room(offset int64, limit uint64) int64 {
	if limit == 0 {
		return math.MaxInt64
	}
	share := min(max(limit/uint64(time.Second/WindowLength), 1), math.MaxInt64)
	return max(int64(share)-(offset-w.bytes), 0)
}

// Roll takes the measure of the window and begins the next one.
func (w *Window) Roll(now time.Time, offset int64, pages uint64) {
	ms := float64(now.Sub(w.began)) / float64(time.Millisecond)
	w.Moved = offset - w.bytes
	w.Bandwidth = float64(w.Moved) / ms
	w.Mbps = float64(w.Moved) * 8 / ms / 1000
	w.PagesRate = float64(pages-w.pages) / ms * 1000
	w.Start(now, offset, pages)
}

// Threshold is how many bytes may be left for a switchover within limit:
// available, in bytes per second, replaces the measure where it is not 0.
func (w *Window) Threshold(available uint64, limit time.Duration) uint64 {
	rate := w.Bandwidth
	if available != 0 {
		rate = float64(available) / 1000
	}
	return uint64(min(rate*float64(limit.Milliseconds()), 1<<62))
}
