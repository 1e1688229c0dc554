package migration

import (
	"math"
	"testing"
	"time"
)

func TestWindow(t *testing.T) {
	var w window
	now := time.Unix(0, 0)
	w.start(now, 1000, 0)
	if w.threshold(0, time.Second) != 0 {
		t.Error("a bandwidth is known before anything was measured")
	}
	if w.room(1000+10<<20, 0) < 1<<60 || w.room(1099, 1000) != 1 || w.room(1100, 1000) != 0 || w.room(5000, 1) != 0 ||
		w.room(1000, 1) != 1 || w.room(1000, math.MaxUint64) < 1<<60 {
		t.Error("the limit of a window is wrong")
	}
	if w.over(now.Add(99*time.Millisecond)) || !w.over(now.Add(windowLength)) || w.left(now) != windowLength {
		t.Error("the end of a window is wrong")
	}
	w.roll(now.Add(200*time.Millisecond), 1000+4<<20, 1024)
	if want := float64(4<<20) / 200; w.bandwidth != want || w.moved != 4<<20 || w.pagesRate != 5120 {
		t.Errorf("bandwidth %v, moved %d, pages %v", w.bandwidth, w.moved, w.pagesRate)
	}
	if got := w.threshold(0, 300*time.Millisecond); got != 4<<20*3/2 {
		t.Errorf("threshold %d", got)
	}
	if got := w.threshold(1e6, 300*time.Millisecond); got != 300000 {
		t.Errorf("threshold with a promise %d", got)
	}
	if got := w.threshold(math.MaxUint64, time.Hour); got != 1<<62 {
		t.Errorf("threshold %d", got)
	}
}
