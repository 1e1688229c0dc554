package chardev

import (
	"fmt"
	"time"
)

// lineStamp puts the time since it was switched on before each line.
type lineStamp struct {
	on    bool
	start time.Time // of the first line
	begin bool      // a line begins
}

func (s *lineStamp) toggle() { *s = lineStamp{on: !s.on} }

func (s *lineStamp) lines(text []byte) []byte {
	var out []byte
	for _, b := range text {
		if s.begin {
			if s.start.IsZero() {
				s.start = time.Now()
			}
			t := time.Since(s.start)
			out = fmt.Appendf(out, "[%02d:%02d:%02d.%03d] ",
				int(t.Hours()), int(t.Minutes())%60, int(t.Seconds())%60, t.Milliseconds()%1000)
			s.begin = false
		}
		out = append(out, b)
		s.begin = b == '\n'
	}
	return out
}
