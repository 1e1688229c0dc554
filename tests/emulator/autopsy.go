package emulator

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"time"
)

// autopsyTime is what each look at an emulator of a failed test may take: it may be what hangs.
const autopsyTime = 5 * time.Second

// autopsy is what there is to say about an emulator of a test that failed. It may end the emulator for it: qmpmigrate
// tells what each goroutine does.
func (e *Emulator) autopsy() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: events: %v\nserial: %.200s\n", e.Name, e.Monitor.Events(), e.Serial())
	for _, command := range []string{"query-status", "query-migrate"} {
		ctx, cancel := context.WithTimeout(context.Background(), autopsyTime)
		var reply any
		if err := e.Monitor.Execute(ctx, command, nil, &reply); err != nil {
			reply = err
		}
		cancel()
		fmt.Fprintf(&b, "%s: %v\n", command, reply)
	}
	if !e.Program.QEMU {
		e.dump()
	}
	fmt.Fprintf(&b, "output:\n%s", e.Stderr())
	return b.String()
}

// dump ends qmpmigrate so that it prints its goroutines.
func (e *Emulator) dump() {
	_ = e.Signal(syscall.SIGQUIT) // fails only when it has ended
	select {
	case <-e.proc.done:
	case <-time.After(autopsyTime):
	}
}
