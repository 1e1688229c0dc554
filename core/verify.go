package core

import (
	"context"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
)

var _ qapi.MemtestCommands = (*Machine)(nil)

// XVerifyMemory is x-verify-memory: it holds the vCPUs of the built-in guest
// while it looks at all memory.
func (m *Machine) XVerifyMemory(ctx context.Context) (*qapi.MemoryVerification, error) {
	if m.test == nil {
		return nil, qapi.Errorf("This machine's memory cannot be verified: it is not the built-in guest")
	}
	if m.RunState() != qapi.RunStateInmigrate {
		// The vCPUs are held only once all is here.
		if err := m.complete(ctx); err != nil {
			return nil, err
		}
	}
	var report *memtest.Report
	err := m.held(func() (err error) {
		report, err = m.test.Verify(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return verification(report), nil
}

// XVerifyDisk is x-verify-disk: it holds the built-in guest while it looks at
// the disk that it writes.
func (m *Machine) XVerifyDisk(ctx context.Context) (*qapi.MemoryVerification, error) {
	if m.test == nil {
		return nil, qapi.Errorf("This machine's disk cannot be verified: it is not the built-in guest")
	}
	var report *memtest.Report
	err := m.held(func() (err error) {
		if report, err = m.test.VerifyDisk(ctx); err != nil {
			err = qapi.Errorf("This machine's disk cannot be verified: %v", err)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return verification(report), nil
}

// held has look look at the guest while its vCPUs do not run. The VM's run state stays.
func (m *Machine) held(look func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state == qapi.RunStateInmigrate {
		return qapi.Errorf("Guest is waiting for an incoming migration")
	}
	if m.state == qapi.RunStateRunning {
		m.guest.Stop()
	}
	err := look()
	if m.state == qapi.RunStateRunning {
		if bad := m.guest.Start(); bad != nil {
			return bad
		}
	}
	return err
}

// complete waits until no memory of the guest is absent.
func (m *Machine) complete(ctx context.Context) error {
	m.access.RLock()
	defer m.access.RUnlock()
	if m.gone {
		return qapi.Errorf("The machine is closed")
	}
	for _, b := range m.guest.Blocks() {
		if !b.WaitRange(0, b.Size(), ctx.Done()) {
			return errAbsent(ctx)
		}
	}
	return nil
}

func verification(r *memtest.Report) *qapi.MemoryVerification {
	v := &qapi.MemoryVerification{
		Pages:       int64(r.Pages),
		FaultyPages: int64(r.Bad()),
		Faults:      []qapi.MemoryFault{},
	}
	for _, f := range r.Findings {
		fault := qapi.MemoryFault{Page: int64(f.Page), Kind: qapi.MemoryFaultKind(f.Kind.String())}
		switch f.Kind {
		case memtest.Swapped:
			fault.Origin = new(int64(f.Other))
		case memtest.Stale, memtest.Ahead:
			fault.Expected, fault.Found = new(f.Expected), new(f.Found)
		}
		v.Faults = append(v.Faults, fault)
	}
	return v
}
