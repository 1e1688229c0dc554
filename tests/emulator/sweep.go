package emulator

import (
	"context"
	"fmt"
)

// SameButCounters compares the memory of a test guest at a, where it stopped, with that at b, where it went on
// and was stopped again. All must be the same but the counters, and these must be at both what the guest
// leaves: a page that came stale, twice or not at all is out of step for ever.
func SameButCounters(ctx context.Context, a, b *Emulator) error {
	var countersA, countersB []byte
	err := compareMemory(ctx, a, b, GuestMemory, func(at int64, pageA, pageB []byte) {
		if at >= GuestFirst && at < GuestEnd {
			countersA, countersB = append(countersA, pageA[0]), append(countersB, pageB[0])
			pageA[0], pageB[0] = 0, 0
		}
	})
	if err == nil {
		err = b.explain(inStep(countersB))
	}
	if err == nil {
		err = a.explain(inStep(countersA))
	}
	return err
}

// inStep checks the counters of all pages: the guest was somewhere in a round, so that those below are one ahead
// of those above.
func inStep(counters []byte) error {
	steps := 0
	for i, c := range counters[1:] {
		switch {
		case c == counters[i]:
		case c+1 == counters[i] && steps == 0:
			steps++
		default:
			return fmt.Errorf("page %#x counts %d, and the one before it %d", GuestFirst+(i+1)*GuestStride, c, counters[i])
		}
	}
	return nil
}

// CountersInStep checks the counters of a test guest that is stopped at e.
func CountersInStep(ctx context.Context, e *Emulator) error {
	memory, err := e.ReadMemory(ctx, GuestFirst, GuestEnd-GuestFirst)
	if err != nil {
		return err
	}
	return e.explain(MemoryInStep(memory))
}

// MemoryInStep checks what was in a stopped test guest's memory from GuestFirst to GuestEnd.
func MemoryInStep(memory []byte) error {
	var counters []byte
	for at := 0; at < len(memory); at += GuestStride {
		counters = append(counters, memory[at])
	}
	return inStep(counters)
}
