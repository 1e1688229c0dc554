package migration

import (
	"errors"
	"fmt"

	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// recovering says whether source and destination are about to agree on what is missing.
func (a *arrival) recovering() bool {
	status, _ := a.in.state()
	return status == qapi.MigrationStatusPostcopyRecover
}

// bitmap answers which pages of a block are here.
func (a *arrival) bitmap(payload []byte) error {
	const what = "loadvm_handle_recv_bitmap: "
	if len(payload) < 2 || payload[0] == 0 {
		return errors.New(what + "failed to read block name")
	}
	if len(payload) != 1+int(payload[0]) {
		return fmt.Errorf(what+"invalid payload length (%d)", len(payload))
	}
	name := string(payload[1:])
	a.points().bitmap.Tell(trace.Str("s", name))
	if a.memory == nil || !a.memory.Has(name) {
		return fmt.Errorf(what+"block '%s' not found", name)
	}
	if !a.recovering() {
		a.in.m.host.Report("migrate_send_rp_recv_bitmap: MSG_RP_RECV_BITMAP only used for recovery")
		return nil
	}
	return a.back.Received(name, a.memory.Received(name))
}

// resume ends the recovery: pages come again, and those that somebody waits for
// are asked for again.
func (a *arrival) resume() error {
	a.points().resume.Tell()
	if !a.recovering() {
		a.in.m.host.Report("loadvm_postcopy_handle_resume: illegal resume received")
		return nil
	}
	if err := a.preempt(); err != nil {
		return err
	}
	a.in.advance(states.TargetRecovered)
	if err := a.back.Resumed(); err != nil {
		return err
	}
	a.memory.Connect(a.back)
	return nil
}
