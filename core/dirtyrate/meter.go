// Package dirtyrate measures how fast a guest dirties its memory, by comparing
// some of its pages with what they were.
package dirtyrate

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"qmpmigrate/core/memory"
)

// Status is how far a Meter is.
type Status int

// The statuses, in the order in which they come.
const (
	Unstarted Status = iota
	Measuring
	Measured
)

// Result is what a Meter can tell.
type Result struct {
	Status  Status
	Began   time.Time // zero before the first measurement
	Time    time.Duration
	Samples uint64 // pages for each GiB
	// Rate is in MiB per second; it counts once Status is Measured.
	Rate int64
}

// Meter measures, one measurement at a time. Its methods may be called from any
// goroutine. The zero value has measured nothing yet.
type Meter struct {
	mu     sync.Mutex
	result Result
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// Start begins to measure for a while, looking at samples pages for each GiB
// of the blocks. It says false when a measurement is under way.
func (m *Meter) Start(blocks []*memory.Block, span time.Duration, samples uint64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.result.Status == Measuring {
		return false
	}
	m.result = Result{Status: Measuring, Time: span, Samples: samples}
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	m.work.Go(func() {
		defer cancel()
		m.measure(ctx, blocks, span, samples)
	})
	return true
}

// Result tells how far the last measurement is.
func (m *Meter) Result() Result {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.result
}

// Close ends a measurement that is under way. The blocks are not looked at any more.
func (m *Meter) Close() {
	m.mu.Lock()
	if m.cancel != nil {
		m.cancel()
	}
	m.mu.Unlock()
	m.work.Wait()
}

func (m *Meter) measure(ctx context.Context, blocks []*memory.Block, span time.Duration, samples uint64) {
	random := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	began := time.Now()
	m.mu.Lock()
	m.result.Began = began
	m.mu.Unlock()
	var taken []sample
	for _, b := range blocks {
		taken = append(taken, take(ctx, b, samples, random))
	}
	select {
	case <-time.After(span):
	case <-ctx.Done():
		return
	}
	var changed, looked, bytes uint64
	for i := range taken {
		changed += taken[i].changed(ctx)
		looked += uint64(len(taken[i].pages))
		bytes += taken[i].block.Size()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.result.Status = Measured
	m.result.Time = time.Since(began)
	if looked > 0 {
		share := float64(changed) / float64(looked)
		m.result.Rate = int64(share * float64(bytes) / (1 << 20) / m.result.Time.Seconds())
	}
}
