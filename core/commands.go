package core

import (
	"context"

	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/settings"
	"qmpmigrate/qapi"
)

var (
	_ qapi.MigrationCommands = (*Machine)(nil)
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
	return m.migration.Start(args, m.files(ctx))
}

// MigrateDisks is Migrate of the machine with its disks; incremental leaves out what
// is beneath their images.
func (m *Machine) MigrateDisks(ctx context.Context, args *qapi.MigrateArgs, incremental bool) error {
	return m.migration.StartWith(settings.DiskMode{Whole: true, Incremental: incremental}, args, m.files(ctx))
}

// MigrateIncoming is migrate-incoming: when it returns the channel is open.
func (m *Machine) MigrateIncoming(ctx context.Context, args *qapi.MigrateIncomingArgs) error {
	return m.migration.Listen(args, m.files(ctx))
}

// files is where the addresses of a command find open files.
func (m *Machine) files(ctx context.Context) (files links.Files) {
	files.Sets = m.conf.FDSets
	if monitor := qapi.MonitorFrom(ctx); monitor != nil {
		files.Named = monitor
	}
	return files
}

// MigrateCancel is migrate_cancel.
func (m *Machine) MigrateCancel(context.Context) error { return m.migration.Cancel() }

// MigrateContinue is migrate-continue.
func (m *Machine) MigrateContinue(_ context.Context, args *qapi.MigrateContinueArgs) error {
	return m.migration.Continue(args.State)
}

// MigrateStartPostcopy is migrate-start-postcopy.
func (m *Machine) MigrateStartPostcopy(context.Context) error { return m.migration.StartPostcopy() }

// MigrateRecover is migrate-recover.
func (m *Machine) MigrateRecover(ctx context.Context, args *qapi.MigrateRecoverArgs) error {
	return m.migration.Recover(args.URI, m.files(ctx))
}

// MigratePause is migrate-pause.
func (m *Machine) MigratePause(context.Context) error { return m.migration.Pause() }

// QueryMigrationthreads is query-migrationthreads.
func (m *Machine) QueryMigrationthreads(context.Context) ([]qapi.MigrationThreadInfo, error) {
	return m.migration.Threads(), nil
}
