package conformance

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	// An emulator has nothing more to say once it was seen at rest so many times in a row. One whose machine runs is
	// never at rest, and is left alone after stillness or busyTime.
	restSamples = 3
	sampleEvery = 10 * time.Millisecond
	busyTime    = 3 * time.Second
	stillness   = 60 * time.Millisecond
)

// settle waits until the emulators have done all that they were asked to. Once there is an answer it is not patient
// with a machine that runs.
func (p *player) settle(answered func() bool) {
	patience := busyTime
	rest := 0
	for begin := time.Now(); rest < restSamples && time.Since(begin) < patience; time.Sleep(sampleEvery) {
		if rest++; !p.atRest() {
			rest = 0
		}
		if patience == busyTime && answered() {
			patience = time.Since(begin) + stillness
		}
	}
}

// atRest tells whether all threads of the emulators wait for something. One that has something to read does not: it
// can run from the moment on when it is sent.
func (p *player) atRest() bool {
	for _, process := range p.processes {
		states, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", process.PID()))
		for _, state := range states {
			text, _ := os.ReadFile(state)
			if i := bytes.LastIndexByte(text, ')'); i >= 0 && bytes.HasPrefix(text[i:], []byte(") R")) {
				return false
			}
		}
	}
	return true
}
