// Package dirtyrate measures how fast a guest dirties its memory, in one of
// several ways (Mode).
package dirtyrate

import (
	"context"
	"errors"
	"sync"
	"time"
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
	Mode    Mode
	Began   time.Time // zero before the first measurement
	Time    time.Duration
	Samples uint64 // as the plan has it
	// Rate is in MiB per second; it counts once Status is Measured. In mode
	// Ring VCPUs are those of each vCPU, and Rate is their sum.
	Rate  int64
	VCPUs []int64
}

// Meter measures, one measurement at a time. Its methods may be called from any
// goroutine. The zero value has measured nothing yet.
type Meter struct {
	mu     sync.Mutex
	result Result
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// ErrMeasuring is that of a Start while a measurement is under way.
var ErrMeasuring = errors.New("the dirty rate is already being measured.")

// Start begins to measure. Where it cannot, the last result stays.
func (m *Meter) Start(p Plan) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.result.Status == Measuring {
		return ErrMeasuring
	}
	how := p.method()
	if err := how.prepare(); err != nil {
		return err
	}
	m.result = Result{Status: Measuring, Mode: p.Mode, Began: time.Now(), Time: p.Span, Samples: p.Samples}
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	m.work.Go(func() {
		defer cancel()
		if m.measure(ctx, p.Span, how) && p.Measured != nil {
			p.Measured(m.Result().Rate)
		}
	})
	return nil
}

// Result tells how far the last measurement is.
func (m *Meter) Result() Result {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.result
}

// Close ends a measurement that is under way. The plan's blocks and rings are not
// looked at any more.
func (m *Meter) Close() {
	m.mu.Lock()
	if m.cancel != nil {
		m.cancel()
	}
	m.mu.Unlock()
	m.work.Wait()
}

// measure says whether there is a result.
func (m *Meter) measure(ctx context.Context, span time.Duration, how method) bool {
	how.begin(ctx)
	began := time.Now()
	select {
	case <-time.After(span):
	case <-ctx.Done():
	}
	took := time.Since(began)
	found := how.end(ctx)
	if ctx.Err() != nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.result.Status = Measured
	m.result.Time = took
	m.result.Rate = rate(found.bytes, took)
	for _, bytes := range found.vcpus {
		each := rate(float64(bytes), took)
		m.result.VCPUs = append(m.result.VCPUs, each)
		m.result.Rate += each
	}
	return true
}

// rate is in whole MiB per second.
func rate(bytes float64, took time.Duration) int64 {
	return int64(bytes / (1 << 20) / max(took, time.Millisecond).Seconds())
}
