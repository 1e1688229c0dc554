package migration

import (
	"fmt"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"

	"qmpmigrate/qapi"
)

// sourceThread is the name of a source's thread, which tools use to place it on a CPU.
const sourceThread = "mig/src/main"

// ownThread ties the goroutine that calls it to an OS thread that has a name, and
// which ends with it. The function that it returns takes the thread off the list.
func (o *outgoing) ownThread(name string) (gone func()) {
	runtime.LockOSThread()
	id := unix.Gettid()
	// Without its name it works as well.
	_ = os.WriteFile(fmt.Sprintf("/proc/self/task/%d/comm", id), []byte(name), 0)
	thread := qapi.MigrationThreadInfo{Name: name, ThreadID: int64(id)}
	o.mu.Lock()
	o.threads = append([]qapi.MigrationThreadInfo{thread}, o.threads...)
	o.mu.Unlock()
	return func() {
		o.mu.Lock()
		o.threads = slices.DeleteFunc(o.threads, func(t qapi.MigrationThreadInfo) bool { return t == thread })
		o.mu.Unlock()
	}
}

// Threads is query-migrationthreads: the youngest first.
func (m *Migration) Threads() []qapi.MigrationThreadInfo {
	list := []qapi.MigrationThreadInfo{}
	out, _ := m.current()
	if out == nil {
		return list
	}
	out.mu.Lock()
	defer out.mu.Unlock()
	return append(list, out.threads...)
}
