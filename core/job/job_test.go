package job

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"qmpmigrate/qapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// diary keeps the statuses that events told of, as "id status".
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) Emit(e qapi.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change := e.(*qapi.JobStatusChangeEvent)
	d.lines = append(d.lines, fmt.Sprint(change.ID, " ", change.Status))
}

func (d *diary) want(t *testing.T, statuses ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.lines, statuses) {
		t.Errorf("events: %q\nwant    %q", d.lines, statuses)
	}
	d.lines = nil
}

func inBubble(t *testing.T, f func(t *testing.T, r *Registry, d *diary)) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		r := NewRegistry(d)
		defer r.Close()
		f(t, r, d)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSuccess(t *testing.T) {
	inBubble(t, func(t *testing.T, r *Registry, d *diary) {
		must(t, r.Start("j0", qapi.JobTypeSnapshotSave, Options{}, func(_ context.Context, j *Job) error {
			j.Progress(3, 4)
			return j.Checkpoint()
		}))
		synctest.Wait()
		d.want(t, "j0 created", "j0 running", "j0 waiting", "j0 pending", "j0 concluded")
		info := r.List()
		if len(info) != 1 || info[0].Error != nil || info[0].CurrentProgress != 3 || info[0].TotalProgress != 4 ||
			info[0].Status != qapi.JobStatusConcluded || info[0].Type != qapi.JobTypeSnapshotSave {
			t.Errorf("%+v", info)
		}
		must(t, r.Dismiss("j0"))
		d.want(t, "j0 null")
		if len(r.List()) != 0 {
			t.Error("it is still there")
		}
		refused(t, r.Dismiss("j0"), "Job not found")
	})
}

func TestFailure(t *testing.T) {
	inBubble(t, func(t *testing.T, r *Registry, d *diary) {
		must(t, r.Start("j0", qapi.JobTypeCreate, Options{}, func(context.Context, *Job) error { return errors.New("no room") }))
		synctest.Wait()
		d.want(t, "j0 created", "j0 running", "j0 aborting", "j0 concluded")
		if info := r.List(); info[0].Error == nil || *info[0].Error != "no room" {
			t.Errorf("%+v", info)
		}
	})
}

func TestNames(t *testing.T) {
	inBubble(t, func(t *testing.T, r *Registry, _ *diary) {
		nothing := func(context.Context, *Job) error { return nil }
		must(t, r.Start("a.B-c_1", qapi.JobTypeCreate, Options{}, nothing))
		for id, want := range map[string]string{
			"":        "An explicit job ID is required",
			"2x":      "Invalid job ID '2x'",
			"a b":     "Invalid job ID 'a b'",
			"a.B-c_1": "Job ID 'a.B-c_1' already in use",
		} {
			refused(t, r.Start(id, qapi.JobTypeCreate, Options{}, nothing), want)
		}
	})
}

func TestHeldAndCancelled(t *testing.T) {
	inBubble(t, func(t *testing.T, r *Registry, d *diary) {
		steps := make(chan struct{})
		must(t, r.Start("j0", qapi.JobTypeBackup, Options{}, func(ctx context.Context, j *Job) error {
			for {
				select {
				case <-steps:
				case <-ctx.Done():
					return ctx.Err()
				}
				if err := j.Checkpoint(); err != nil {
					return err
				}
			}
		}))
		refused(t, r.Resume("j0"), "Can't resume a job that was not paused")
		must(t, r.Pause("j0"))
		refused(t, r.Pause("j0"), "Job is already paused")
		steps <- struct{}{}
		synctest.Wait()
		d.want(t, "j0 created", "j0 running", "j0 paused")
		must(t, r.Resume("j0"))
		synctest.Wait()
		d.want(t, "j0 running")
		must(t, r.Pause("j0"))
		steps <- struct{}{}
		synctest.Wait()
		must(t, r.Cancel("j0"))
		synctest.Wait()
		d.want(t, "j0 paused", "j0 running", "j0 aborting", "j0 concluded")
		if info := r.List(); *info[0].Error != "Operation canceled" {
			t.Errorf("%+v", info)
		}
	})
}

func TestReadyAndFinalize(t *testing.T) {
	inBubble(t, func(t *testing.T, r *Registry, d *diary) {
		o := Options{ManualFinalize: true, AutoDismiss: true}
		must(t, r.Start("j0", qapi.JobTypeMirror, o, func(_ context.Context, j *Job) error { return j.Ready() }))
		synctest.Wait()
		refused(t, r.Finalize("j0"), "Job 'j0' in state 'ready' cannot accept command verb 'finalize'")
		must(t, r.Complete("j0"))
		must(t, r.Complete("j0"))
		synctest.Wait()
		refused(t, r.Complete("j0"), "Job 'j0' in state 'pending' cannot accept command verb 'complete'")
		must(t, r.Finalize("j0"))
		synctest.Wait()
		d.want(t, "j0 created", "j0 running", "j0 ready", "j0 waiting", "j0 pending", "j0 concluded", "j0 null")
	})
}

func TestCancelWhilePending(t *testing.T) {
	inBubble(t, func(t *testing.T, r *Registry, d *diary) {
		must(t, r.Start("j0", qapi.JobTypeMirror, Options{ManualFinalize: true}, func(context.Context, *Job) error { return nil }))
		synctest.Wait()
		must(t, r.Cancel("j0"))
		synctest.Wait()
		d.want(t, "j0 created", "j0 running", "j0 waiting", "j0 pending", "j0 aborting", "j0 concluded")
	})
}

func TestCloseEndsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		r := NewRegistry(d)
		for _, id := range []string{"a", "b"} {
			must(t, r.Start(id, qapi.JobTypeCommit, Options{}, func(ctx context.Context, _ *Job) error { <-ctx.Done(); return ctx.Err() }))
		}
		must(t, r.Pause("b"))
		r.Close()
		if text := strings.Join(d.lines, ","); !strings.HasSuffix(text, "b null,a null") {
			t.Errorf("events: %s", text)
		}
		refused(t, r.Start("c", qapi.JobTypeCommit, Options{}, nil), "The machine is being ended")
	})
}

// TestVerbs holds the table against what QEMU's own says, a letter for each status in the order of the schema.
func TestVerbs(t *testing.T) {
	for v, want := range map[verb]string{
		verbCancel:   ".xxxxxxx...",
		verbPause:    ".xxxxx.....",
		verbResume:   ".xxxxx.....",
		verbComplete: "....xx.....",
		verbFinalize: ".......x...",
		verbDismiss:  ".........x.",
	} {
		got := ""
		for _, s := range qapi.JobStatusValues() {
			if accepts(s, v) {
				got += "x"
			} else {
				got += "."
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", v, got, want)
		}
	}
}

// TestEveryStatusEnds: from each status there is a way to the end, and none out of it.
func TestEveryStatusEnds(t *testing.T) {
	var ends func(s qapi.JobStatus, depth int) bool
	ends = func(s qapi.JobStatus, depth int) bool {
		if s == qapi.JobStatusNull {
			return true
		}
		return depth > 0 && slices.ContainsFunc(next(s), func(n qapi.JobStatus) bool { return ends(n, depth-1) })
	}
	for _, s := range qapi.JobStatusValues() {
		if !ends(s, 8) {
			t.Errorf("%s never ends", s)
		}
	}
	if next(qapi.JobStatusNull) != nil {
		t.Error("null goes on")
	}
}
