package qtest

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Log writes down what was heard and said, with the seconds since the client
// came. The zero Log writes nothing.
type Log struct {
	w io.Writer

	mu   sync.Mutex
	came time.Time
}

// NewLog makes a log that goes to w.
func NewLog(w io.Writer) *Log { return &Log{w: w} }

func (l *Log) opened() {
	if l.w == nil {
		return
	}
	l.mu.Lock()
	l.came = time.Now()
	l.mu.Unlock()
	fmt.Fprintf(l.w, "[I %.6f] OPENED\n", l.since())
}

func (l *Log) closed() {
	if l.w != nil {
		fmt.Fprintf(l.w, "[I +%.6f] CLOSED\n", l.since())
	}
}

func (l *Log) received(line string) {
	if l.w != nil {
		fmt.Fprintf(l.w, "[R +%.6f] %s\n", l.since(), line)
	}
}

// sent logs an answer with its line end.
func (l *Log) sent(line []byte) {
	if l.w != nil {
		fmt.Fprintf(l.w, "[S +%.6f] %s", l.since(), line)
	}
}

func (l *Log) since() float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.came).Seconds()
}
