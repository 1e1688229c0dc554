// Package job is work that goes on in the background: what it is called, how
// far it is, and what its user may ask of it.
package job

import (
	"regexp"
	"slices"
	"sync"

	"qmpmigrate/qapi"
)

// Registry holds the jobs of one machine. Its methods may be called from any goroutine.
type Registry struct {
	events qapi.EventSink

	mu     sync.Mutex
	jobs   []*Job // in the order in which they were created
	closed bool
	work   sync.WaitGroup
}

// NewRegistry makes an empty registry that tells events of every change.
func NewRegistry(events qapi.EventSink) *Registry { return &Registry{events: events} }

// Options say how a job is treated. The zero value is that of a job which does
// everything by itself but waits for its user to see how it ended.
type Options struct {
	// ManualFinalize leaves the last step to job-finalize.
	ManualFinalize bool
	// AutoDismiss forgets the job as soon as it is concluded.
	AutoDismiss bool
}

// wellFormed is what an id may look like.
var wellFormed = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]*$`)

// Start creates a job and lets w do its work in a goroutine of its own.
func (r *Registry) Start(id string, kind qapi.JobType, o Options, w Work) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case id == "":
		return qapi.Errorf("An explicit job ID is required")
	case !wellFormed.MatchString(id):
		return qapi.Errorf("Invalid job ID '%s'", id)
	case r.find(id) != nil:
		return qapi.Errorf("Job ID '%s' already in use", id)
	case r.closed:
		return qapi.Errorf("The machine is being ended")
	}
	j := newJob(r, id, kind, o)
	r.jobs = append(r.jobs, j)
	j.set(qapi.JobStatusCreated)
	j.set(qapi.JobStatusRunning)
	r.work.Go(func() { j.run(w) })
	return nil
}

// List shows all jobs, the newest first.
func (r *Registry) List() []qapi.JobInfo {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := []qapi.JobInfo{}
	for _, j := range slices.Backward(r.jobs) {
		list = append(list, j.info())
	}
	return list
}

// Close cancels all jobs, waits for their work to end and forgets them.
func (r *Registry) Close() {
	r.mu.Lock()
	r.closed = true
	for _, j := range r.jobs {
		j.stop()
	}
	r.mu.Unlock()
	r.work.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, j := range slices.Backward(slices.Clone(r.jobs)) {
		j.forget()
	}
}

// find returns the job of that id, or nil. Callers hold mu.
func (r *Registry) find(id string) *Job {
	at := slices.IndexFunc(r.jobs, func(j *Job) bool { return j.id == id })
	if at < 0 {
		return nil
	}
	return r.jobs[at]
}

// ask does something with a job that accepts v.
func (r *Registry) ask(id string, v verb, do func(*Job) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	j := r.find(id)
	switch {
	case j == nil:
		return qapi.Errorf("Job not found")
	case v == verbResume && !j.held:
		return qapi.Errorf("Can't resume a job that was not paused")
	case !accepts(j.status, v):
		return qapi.Errorf("Job '%s' in state '%s' cannot accept command verb '%s'", id, j.status, v)
	}
	return do(j)
}

// Pause holds a job at its next pause point.
func (r *Registry) Pause(id string) error { return r.ask(id, verbPause, (*Job).hold) }

// Resume lets a job go on that Pause holds.
func (r *Registry) Resume(id string) error { return r.ask(id, verbResume, (*Job).release) }

// Cancel ends a job's work.
func (r *Registry) Cancel(id string) error {
	return r.ask(id, verbCancel, func(j *Job) error { j.stop(); return nil })
}

// Complete lets a job end that is ready.
func (r *Registry) Complete(id string) error { return r.ask(id, verbComplete, (*Job).complete) }

// Finalize lets a job make its changes for good.
func (r *Registry) Finalize(id string) error { return r.ask(id, verbFinalize, (*Job).finalize) }

// Dismiss forgets a job.
func (r *Registry) Dismiss(id string) error {
	return r.ask(id, verbDismiss, func(j *Job) error { j.forget(); return nil })
}
