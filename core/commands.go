package core

import (
	"context"
	"os"

	"qmpmigrate/core/migration"
	"qmpmigrate/qapi"
)

var (
	_ qapi.MigrationCommands = (*Machine)(nil)
	_ qapi.RunStateCommands  = (*Machine)(nil)
)

// QueryMigrate is query-migrate.
func (m *Machine) QueryMigrate(context.Context) (*qapi.MigrationInfo, error) {
	return m.migration.Info(), nil
}

// MigrateSetCapabilities is migrate-set-capabilities.
func (m *Machine) MigrateSetCapabilities(_ context.Context, args *qapi.MigrateSetCapabilitiesArgs) error {
	return m.migration.SetCapabilities(args.Capabilities)
}

// QueryMigrateCapabilities is query-migrate-capabilities.
func (m *Machine) QueryMigrateCapabilities(context.Context) ([]qapi.MigrationCapabilityStatus, error) {
	return m.migration.Capabilities(), nil
}

// MigrateSetParameters is migrate-set-parameters.
func (m *Machine) MigrateSetParameters(_ context.Context, args *qapi.MigrateSetParameters) error {
	return m.migration.SetParameters(args)
}

// QueryMigrateParameters is query-migrate-parameters.
func (m *Machine) QueryMigrateParameters(context.Context) (*qapi.MigrationParameters, error) {
	return m.migration.Parameters(), nil
}

// Migrate is migrate: it begins an outgoing migration and returns.
func (m *Machine) Migrate(ctx context.Context, args *qapi.MigrateArgs) error {
	if args.Resume != nil && *args.Resume {
		return qapi.Errorf("Cannot resume if there is no paused migration")
	}
	addr, err := migration.Resolve(args.URI, args.Channels, monitorFD(ctx))
	if err != nil {
		return err
	}
	return m.migration.Start(addr)
}

// MigrateIncoming is migrate-incoming: when it returns the channel is open.
func (m *Machine) MigrateIncoming(ctx context.Context, args *qapi.MigrateIncomingArgs) error {
	addr, err := migration.Resolve(args.URI, args.Channels, monitorFD(ctx))
	if err != nil {
		return err
	}
	return m.migration.Listen(addr, args.ExitOnError == nil || *args.ExitOnError)
}

// MigrateCancel is migrate_cancel.
func (m *Machine) MigrateCancel(context.Context) error {
	m.migration.Cancel()
	return nil
}

// monitorFD looks descriptors up where the command came from. On the command
// line there is no monitor, and a number is an inherited descriptor.
func monitorFD(ctx context.Context) func(string) (*os.File, error) {
	return func(name string) (*os.File, error) {
		if mon := qapi.MonitorFrom(ctx); mon != nil {
			return mon.TakeFD(name)
		}
		return nil, nil
	}
}
