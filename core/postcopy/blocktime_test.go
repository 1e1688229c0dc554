package postcopy

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// The total counts only while all vCPUs wait, from the last that began to.
func TestBlocktime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := &block{}, &block{}
		bt := NewBlocktime(2)
		check := func(all uint32, each ...uint32) {
			t.Helper()
			if got, list := bt.Result(); got != all || !slices.Equal(list, each) {
				t.Errorf("%d %v, want %d %v", got, list, all, each)
			}
		}
		check(0, 0, 0)
		time.Sleep(10 * time.Millisecond)
		bt.waits(0, a, 5)
		bt.waits(-1, a, 6)
		bt.waits(2, a, 6)
		time.Sleep(20 * time.Millisecond)
		bt.came(a, 6)
		bt.came(b, 5)
		bt.waits(1, b, 5)
		time.Sleep(5 * time.Millisecond)
		bt.waits(1, b, 5) // again, after a stop
		time.Sleep(2 * time.Millisecond)
		check(0, 0, 0)
		bt.came(a, 5)
		check(7, 27, 0)
		time.Sleep(3 * time.Millisecond)
		bt.came(b, 5)
		check(7, 27, 10)
		bt.waits(0, a, 1)
		bt.waits(1, a, 1)
		time.Sleep(time.Millisecond)
		bt.came(a, 1)
		check(8, 28, 11)
		var none *Blocktime
		none.waits(0, a, 1)
		none.came(a, 1)
	})
}
