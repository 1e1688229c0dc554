package rate

import (
	"math"
	"testing"
	"time"
)

func TestWindow(t *testing.T) {
	var w Window
	now := time.Unix(0, 0)
	w.Start(now, 1000, 0)
	if w.Threshold(0, time.Second) != 0 {
		t.Error("a bandwidth is known before anything was measured")
	}
	if w.Room(1000+10<<20, 0) < 1<<60 || w.Room(1099, 1000) != 1 || w.Room(1100, 1000) != 0 || w.Room(5000, 1) != 0 ||
		w.Room(1000, 1) != 1 || w.Room(1000, math.MaxUint64) < 1<<60 {
		t.Error("the limit of a window is wrong")
	}
	if w.Over(now.Add(99*time.Millisecond)) || !w.Over(now.Add(WindowLength)) || w.Left(now) != WindowLength {
		t.Error("the end of a window is wrong")
	}
	w.Roll(now.Add(200*time.Millisecond), 1000+4<<20, 1024)
	if want := float64(4<<20) / 200; w.Bandwidth != want || w.Moved != 4<<20 || w.PagesRate != 5120 {
		t.Errorf("bandwidth %v, moved %d, pages %v", w.Bandwidth, w.Moved, w.PagesRate)
	}
	if got := w.Threshold(0, 300*time.Millisecond); got != 4<<20*3/2 {
		t.Errorf("threshold %d", got)
	}
	if got := w.Threshold(1e6, 300*time.Millisecond); got != 300000 {
		t.Errorf("threshold with a promise %d", got)
	}
	if got := w.Threshold(math.MaxUint64, time.Hour); got != 1<<62 {
		t.Errorf("threshold %d", got)
	}
}
