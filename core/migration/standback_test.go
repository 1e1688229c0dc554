package migration

import (
	"testing"

	"golang.org/x/sys/unix"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
)

// Only where what is asked for has a channel of its own does the thread of the main one stand back.
func TestStandBack(t *testing.T) {
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil || before.Runtime == 0 {
		t.Skip("the system tells nothing of turns: ", err)
	}
	for _, c := range []struct {
		name string
		conn channels.Conn
		want uint64
	}{
		{"alone", nil, before.Runtime},
		{"pair", links.NewPair(nil), longestTurn},
	} {
		turn, told := make(chan uint64), false
		go func() {
			standBack(c.conn, func(channels.Conn) { told = true })
			attr, err := unix.SchedGetAttr(0, 0)
			if err != nil {
				t.Error(err)
			}
			turn <- attr.Runtime
		}()
		if got := <-turn; got != c.want || told != (c.want == longestTurn) {
			t.Errorf("%s: turns of %d, not %d; waits inside: %v", c.name, got, c.want, told)
		}
	}
}
