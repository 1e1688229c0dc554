package object

import (
	"math"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/qom"
	"qmpmigrate/qapi"
)

// IOThread is a thread for the work of devices. It has none here, but it is
// there: tools pin it to CPUs and read its figures.
type IOThread struct {
	thread int
	stop   chan struct{}
	ended  chan struct{}

	mu     sync.Mutex
	tuning map[string]int64
}

// The names of an IOThread's tuning, in the order in which they are checked.
func tuningNames() []string {
	return []string{"poll-max-ns", "poll-grow", "poll-shrink", "aio-max-batch", "thread-pool-min", "thread-pool-max"}
}

const (
	defaultPoll = 32768 // nanoseconds
	defaultPool = 64    // threads
)

func newIOThread(id string, p *qapi.IothreadProperties) (*IOThread, error) {
	t := &IOThread{
		stop: make(chan struct{}), ended: make(chan struct{}),
		tuning: map[string]int64{"poll-max-ns": defaultPoll, "thread-pool-max": defaultPool},
	}
	given := []*int64{p.PollMaxNs, p.PollGrow, p.PollShrink, p.AioMaxBatch, p.ThreadPoolMin, p.ThreadPoolMax}
	for i, name := range tuningNames() {
		if given[i] == nil {
			continue
		}
		if *given[i] < 0 {
			return nil, qapi.Errorf("%s value must be in range [0, %d]", name, int64(math.MaxInt64))
		}
		t.tuning[name] = *given[i]
	}
	if err := t.checkPool(); err != nil {
		return nil, err
	}
	started := make(chan int)
	go t.run(id, started)
	t.thread = <-started
	return t, nil
}

func (t *IOThread) checkPool() error {
	if t.tuning["thread-pool-min"] > t.tuning["thread-pool-max"] || t.tuning["thread-pool-max"] == 0 {
		return qapi.Errorf("bad thread-pool-min/thread-pool-max values")
	}
	return nil
}

// run is the thread. Its end is the thread's, because it stays locked to it.
func (t *IOThread) run(id string, started chan<- int) {
	defer close(t.ended)
	runtime.LockOSThread()
	if name, err := unix.BytePtrFromString("IO " + id); err == nil {
		_ = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(name)), 0, 0, 0)
	}
	started <- unix.Gettid()
	<-t.stop
}

// Info is what query-iothreads tells.
func (t *IOThread) Info(id string) qapi.IOThreadInfo {
	t.mu.Lock()
	defer t.mu.Unlock()
	return qapi.IOThreadInfo{
		ID: id, ThreadID: int64(t.thread), PollMaxNs: t.tuning["poll-max-ns"], PollGrow: t.tuning["poll-grow"],
		PollShrink: t.tuning["poll-shrink"], AioMaxBatch: t.tuning["aio-max-batch"],
	}
}

// TypeName is iothread.
func (t *IOThread) TypeName() string { return "iothread" }

// Properties are its tuning.
func (t *IOThread) Properties() []qom.Property {
	var list []qom.Property
	for _, name := range tuningNames() {
		list = append(list, qom.Property{
			Name: name, Type: "int",
			Get: func() any {
				t.mu.Lock()
				defer t.mu.Unlock()
				return t.tuning[name]
			},
			Set: func(value any) error { return t.tune(name, value) },
		})
	}
	return list
}

func (t *IOThread) tune(name string, value any) error {
	n, err := qom.Int(name, value)
	if err != nil {
		return err
	}
	if n < 0 {
		return qapi.Errorf("%s value must be in range [0, %d]", name, int64(math.MaxInt64))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.tuning[name]
	t.tuning[name] = n
	if err := t.checkPool(); err != nil {
		t.tuning[name] = before
		return err
	}
	return nil
}

// Close ends the thread.
func (t *IOThread) Close() error {
	close(t.stop)
	<-t.ended
	return nil
}
