package core

import (
	"context"

	"qmpmigrate/qapi"
)

var _ qapi.UICommands = (*Machine)(nil)

// ClientMigrateInfo is client_migrate_info: it is for a display that clients
// look at through SPICE, which no machine here has.
func (m *Machine) ClientMigrateInfo(_ context.Context, args *qapi.ClientMigrateInfoArgs) error {
	if args.Protocol != "spice" {
		return qapi.Errorf("Parameter 'protocol' expects 'spice'")
	}
	return qapi.ClassErrorf(qapi.DeviceNotActive, "SPICE is not in use")
}
