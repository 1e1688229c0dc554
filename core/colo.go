package core

import (
	"context"

	"qmpmigrate/qapi"
)

var _ qapi.COLOCommands = (*Machine)(nil)

// QueryCOLOStatus is query-colo-status: the machine is never in COLO.
func (m *Machine) QueryCOLOStatus(_ context.Context) (*qapi.COLOStatus, error) {
	return &qapi.COLOStatus{Mode: qapi.COLOModeNone, LastMode: qapi.COLOModeNone, Reason: qapi.COLOExitReasonNone}, nil
}

// XCOLOLostHeartbeat is x-colo-lost-heartbeat.
func (m *Machine) XCOLOLostHeartbeat(_ context.Context) error {
	return qapi.Errorf("VM is not in COLO mode")
}
