package sections

import "time"

// iterateTime bounds one PART section, so that commands, the clock and the
// other sections get their turn.
const iterateTime = 50 * time.Millisecond

// Turn is how much a section may send in one PART.
type Turn struct {
	until time.Time
	// bytes is how many the bandwidth still allows.
	bytes func() int64
	// room is bytes, and 0 when the time is over.
	room func() int64
}

// NewTurn makes one of bytes, which says how many may go out now.
func NewTurn(bytes func() int64) *Turn {
	t := &Turn{bytes: bytes}
	t.room = func() int64 {
		if !time.Now().Before(t.until) {
			return 0
		}
		return bytes()
	}
	return t
}

// begin gives the next section its time, and says whether anything may go out at all.
func (t *Turn) begin(now time.Time) bool {
	t.until = now.Add(iterateTime)
	return t.bytes() > 0
}
