package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"qmpmigrate/tests/emulator"
)

// requestsLog is the file, in the destination's folder, of the arguments of logRequests.
const requestsLog = "requests"

// logRequests are the arguments that make a destination tell when it asks for a page that somebody waits
// for, and when it has put it in its place.
func logRequests() []string {
	return []string{"-D", requestsLog, "-msg", "timestamp=on",
		"-trace", "postcopy_page_req_add", "-trace", "postcopy_page_req_del"}
}

// A delay is how long pages that were asked for took to come.
type delay struct {
	requests           float64
	p50, p90, p99, max float64 // µs
	wall               float64 // ms from the start of postcopy until both ends were done
	downtime           float64 // ms, query-migrate's
	srcCPU, dstCPU     float64 // s
}

// readDelay evaluates a destination's log.
func readDelay(e *emulator.Emulator) (delay, error) {
	text, err := os.ReadFile(filepath.Join(e.Dir, requestsLog))
	if err != nil {
		return delay{}, err
	}
	times, err := requestTimes(text)
	if err != nil {
		return delay{}, fmt.Errorf("%s: %w", e.Name, err)
	}
	if len(times) == 0 {
		return delay{}, fmt.Errorf("%s: no page was asked for", e.Name)
	}
	slices.Sort(times)
	at := func(percent int) float64 { return float64(times[(len(times)-1)*percent/100]) }
	return delay{requests: float64(len(times)), p50: at(50), p90: at(90), p99: at(99), max: at(100)}, nil
}

// requestTimes pairs the events of a log, and returns what passed between them in µs.
func requestTimes(log []byte) (times []int64, err error) {
	asked := map[string]int64{}
	for line := range bytes.Lines(log) {
		read := textRequest
		if bytes.HasPrefix(line, []byte("{")) {
			read = jsonRequest
		}
		now, event, page, ok := read(line)
		if !ok {
			return nil, fmt.Errorf("no event in line %q", line)
		}
		switch event {
		case "postcopy_page_req_add":
			asked[page] = now
		case "postcopy_page_req_del":
			begin, ok := asked[page]
			if !ok {
				return nil, fmt.Errorf("page %s came, but was not asked for", page)
			}
			times = append(times, now-begin)
			delete(asked, page)
		default:
			return nil, fmt.Errorf("another event in line %q", line)
		}
	}
	if len(asked) > 0 {
		return nil, fmt.Errorf("%d pages never came", len(asked))
	}
	return times, nil
}
