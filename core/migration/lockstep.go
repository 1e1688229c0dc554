package migration

import (
	"errors"

	"qmpmigrate/core/colo"
	"qmpmigrate/qapi"
)

// lockstep is the lock step (COLO) that a machine is in, or was last in.
type lockstep struct {
	failover *colo.Failover // nil before the first
	last     qapi.COLOMode  // what the machine was until its failover
}

// Why a lock step ends.
var (
	errFailover    = errors.New("failover request")
	errIndependent = errors.New("the VM goes on here, alone")
)

// beginLockstep makes the failover of one that begins.
func (m *Migration) beginLockstep() *colo.Failover {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lockstep.failover = m.points.colo.failing(colo.NewFailover())
	return m.lockstep.failover
}

// was keeps what the machine is until its failover.
func (m *Migration) was(mode qapi.COLOMode) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lockstep.last = mode
}

// coloMode says which end of a lock step this is.
func (m *Migration) coloMode() qapi.COLOMode {
	switch {
	case m.status() == qapi.MigrationStatusCOLO:
		return qapi.COLOModePrimary
	case m.follows():
		return qapi.COLOModeSecondary
	}
	return qapi.COLOModeNone
}

// follows says whether this is a secondary.
func (m *Migration) follows() bool {
	_, in := m.current()
	if in == nil {
		return false
	}
	status, _ := in.state()
	return status == qapi.MigrationStatusCOLO
}

// COLOStatus is query-colo-status. Whoever has heard that a lock step is over hears why: its failover is done in the same step.
func (m *Migration) COLOStatus() *qapi.COLOStatus {
	m.steps.Lock()
	defer m.steps.Unlock()
	s := &qapi.COLOStatus{Mode: m.coloMode(), LastMode: qapi.COLOModeNone, Reason: qapi.COLOExitReasonNone}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lockstep.last != "" {
		s.LastMode = m.lockstep.last
	}
	if m.lockstep.failover == nil {
		return s
	}
	switch status := m.lockstep.failover.Status(); {
	case status == colo.None:
	case status == colo.Completed:
		s.Reason = qapi.COLOExitReasonRequest
	case s.Mode == qapi.COLOModePrimary:
		s.Reason = qapi.COLOExitReasonProcessing
	default:
		s.Reason = qapi.COLOExitReasonError
	}
	return s
}

// LostHeartbeat is x-colo-lost-heartbeat: this end goes on alone. It does not
// wait for that.
func (m *Migration) LostHeartbeat() error {
	mode := m.coloMode()
	if mode == qapi.COLOModeNone {
		return qapi.Errorf("VM is not in COLO mode")
	}
	m.mu.Lock()
	failover := m.lockstep.failover
	m.mu.Unlock()
	if err := failover.Request(); err != nil {
		return qapi.AsError(err)
	}
	// Whoever waits for the other end is freed.
	out, in := m.current()
	if mode == qapi.COLOModeSecondary {
		in.cut()
		return nil
	}
	if conn := out.channel(); conn != nil {
		conn.Shutdown()
	}
	return nil
}

func (m *Migration) coloExit(mode qapi.COLOMode, reason qapi.COLOExitReason) {
	m.host.Emit(&qapi.COLOExitEvent{Mode: mode, Reason: reason})
}
