package job

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"qmpmigrate/qapi"
)

// Work is what a job does. It looks at ctx and at j.Checkpoint as often as it
// can bear to be cancelled and held. An error undoes the job and is shown to
// its user.
type Work func(ctx context.Context, j *Job) error

// Job is one job. What is exported is for its own work.
type Job struct {
	registry *Registry
	id       string
	kind     qapi.JobType
	options  Options

	ctx    context.Context
	cancel context.CancelFunc

	// The registry's mu guards the rest.
	status         qapi.JobStatus
	current, total int64
	err            error
	held           bool          // by its user
	released       chan struct{} // closed when held ends
	completed      chan struct{} // closed by job-complete
	finalized      chan struct{} // closed by job-finalize
}

func newJob(r *Registry, id string, kind qapi.JobType, o Options) *Job {
	j := &Job{
		registry: r, id: id, kind: kind, options: o, status: qapi.JobStatusUndefined,
		completed: make(chan struct{}), finalized: make(chan struct{}),
	}
	j.ctx, j.cancel = context.WithCancel(context.Background())
	return j
}

// Progress tells how much of the work is done, in whatever unit suits it.
func (j *Job) Progress(current, total int64) {
	j.registry.mu.Lock()
	defer j.registry.mu.Unlock()
	j.current, j.total = current, total
}

// Checkpoint is where the work can be held. It fails when the job was cancelled.
func (j *Job) Checkpoint() error {
	r := j.registry
	r.mu.Lock()
	if !j.held {
		r.mu.Unlock()
		return j.ctx.Err()
	}
	released, before, paused := j.released, j.status, qapi.JobStatusPaused
	if before == qapi.JobStatusReady {
		paused = qapi.JobStatusStandby
	}
	j.set(paused)
	r.mu.Unlock()
	select {
	case <-released:
	case <-j.ctx.Done():
	}
	r.mu.Lock()
	j.set(before)
	r.mu.Unlock()
	return j.ctx.Err()
}

// Ready says that the aim is reached, and waits for job-complete.
func (j *Job) Ready() error {
	j.registry.mu.Lock()
	j.set(qapi.JobStatusReady)
	j.registry.mu.Unlock()
	select {
	case <-j.completed:
		return nil
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

// run is the job from its start to its conclusion.
func (j *Job) run(w Work) {
	defer j.cancel()
	err := w(j.ctx, j)
	r := j.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && j.ctx.Err() == nil {
		j.set(qapi.JobStatusWaiting)
		j.set(qapi.JobStatusPending)
		if j.options.ManualFinalize {
			r.mu.Unlock() // nobody forgets a job that is pending
			select {
			case <-j.finalized:
			case <-j.ctx.Done():
			}
			r.mu.Lock()
		}
	}
	if err == nil {
		err = j.ctx.Err()
	}
	if err != nil {
		j.err = err
		j.set(qapi.JobStatusAborting)
	}
	j.set(qapi.JobStatusConcluded)
	if j.options.AutoDismiss {
		j.forget()
	}
}

// The methods below are called with the registry's mu held.

// set changes the status and tells so. A step that is not in the table is a mistake of this program.
func (j *Job) set(s qapi.JobStatus) {
	if !slices.Contains(next(j.status), s) {
		panic(fmt.Sprintf("job %s cannot go from %s to %s", j.id, j.status, s))
	}
	j.status = s
	j.registry.events.Emit(&qapi.JobStatusChangeEvent{ID: j.id, Status: s})
}

func (j *Job) hold() error {
	if j.held {
		return qapi.Errorf("Job is already paused")
	}
	j.held, j.released = true, make(chan struct{})
	return nil
}

func (j *Job) release() error {
	j.held = false
	close(j.released)
	return nil
}

func (j *Job) complete() error { return signal(j.completed) }

func (j *Job) finalize() error { return signal(j.finalized) }

// signal closes ch, again or for the first time: until the job's goroutine has
// its turn its user may repeat himself.
func signal(ch chan struct{}) error {
	select {
	case <-ch:
	default:
		close(ch)
	}
	return nil
}

func (j *Job) stop() {
	if j.held {
		_ = j.release()
	}
	j.cancel()
}

// forget takes a concluded job out of the list.
func (j *Job) forget() {
	j.set(qapi.JobStatusNull)
	j.registry.jobs = slices.DeleteFunc(j.registry.jobs, func(other *Job) bool { return other == j })
}

func (j *Job) info() qapi.JobInfo {
	info := qapi.JobInfo{ID: j.id, Type: j.kind, Status: j.status, CurrentProgress: j.current, TotalProgress: j.total}
	switch {
	case errors.Is(j.err, context.Canceled):
		info.Error = new("Operation canceled")
	case j.err != nil:
		info.Error = new(j.err.Error())
	}
	return info
}
