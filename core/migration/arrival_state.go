package migration

import (
	"fmt"

	"qmpmigrate/core/migration/states"
	"qmpmigrate/qapi"
)

// arrivalState is how far a destination is with postcopy. The numbers are QEMU's.
type arrivalState int

const (
	arrivalNone      arrivalState = iota
	arrivalAdvised                // the source means to let RAM follow
	arrivalDiscards               // it has begun to say what it sends again
	arrivalListening              // devices are loaded while pages come
	arrivalRunning                // the VM is here
	arrivalEnd                    // and all of its pages
)

// enter goes on to state to from one of those in from; command is what asks for it.
func (a *arrival) enter(command string, to arrivalState, from ...arrivalState) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range from {
		if a.state == s {
			a.state = to
			return nil
		}
	}
	return fmt.Errorf("%s in wrong postcopy state (%d)", command, a.state)
}

func (a *arrival) reached() arrivalState {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state
}

// arriving says whether the VM is here, and its memory is still to come.
func (m *Migration) arriving() bool {
	_, in := m.current()
	if in == nil {
		return false
	}
	status, _ := in.state()
	return states.InPostcopy(status)
}

// alive says whether the VM's memory is coming.
func (in *incoming) alive() bool {
	status, _ := in.state()
	return status == qapi.MigrationStatusPostcopyActive || status == qapi.MigrationStatusPostcopyRecover
}
