package core

import (
	"context"

	"qmpmigrate/qapi"
)

var _ qapi.COLOCommands = (*Machine)(nil)

// QueryCOLOStatus is query-colo-status.
func (m *Machine) QueryCOLOStatus(_ context.Context) (*qapi.COLOStatus, error) {
	return m.migration.COLOStatus(), nil
}

// XCOLOLostHeartbeat is x-colo-lost-heartbeat.
func (m *Machine) XCOLOLostHeartbeat(_ context.Context) error { return m.migration.LostHeartbeat() }

// XenSetReplication is xen-set-replication. No disk here is replicated, so that
// there is nothing to begin or to end.
func (m *Machine) XenSetReplication(_ context.Context, args *qapi.XenSetReplicationArgs) error {
	if args.Enable && args.Failover != nil {
		return qapi.Errorf("Parameter 'failover' is only for stopping replication")
	}
	return nil
}

// QueryXenReplicationStatus is query-xen-replication-status.
func (m *Machine) QueryXenReplicationStatus(context.Context) (*qapi.ReplicationStatus, error) {
	return &qapi.ReplicationStatus{}, nil
}

// XenCOLODoCheckpoint is xen-colo-do-checkpoint, which is about replicated disks only.
func (m *Machine) XenCOLODoCheckpoint(context.Context) error { return nil }
