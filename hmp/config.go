package hmp

import (
	"context"

	"qmpmigrate/qapi"
)

// Commands is everything that lines can end in: the methods that carry out QMP's commands.
type Commands interface {
	qapi.RunStateCommands
	qapi.MigrationCommands
	qapi.COLOCommands
	qapi.DirtyRateCommands
	qapi.SnapshotCommands
	qapi.BlockCommands
	qapi.NetCommands
	qapi.UICommands
	qapi.TraceCommands
	qapi.QomCommands
	qapi.MachineCommands
	qapi.MiscCommands
	qapi.CharCommands
	qapi.FDCommands

	// Quit ends the process.
	Quit(ctx context.Context) error
}

// Config is what a Server needs to know.
type Config struct {
	// Version is shown in the banner and by info version.
	Version qapi.VersionInfo
	// Commands carry the lines out.
	Commands Commands
	// ParseObject reads what follows object_add: key=value text or JSON. Its errors may be a *HintedError, or Help.
	// nil: object_add is an error.
	ParseObject func(text string) (*qapi.ObjectOptions, error)
	// Globals tells what info migrate shows first. nil: what a machine of QEMU 10.0 has.
	Globals func() Globals
	// MigrateDisks is Migrate of a machine with its disks, or what their images keep themselves. nil: there are none,
	// and the machine goes as it is.
	MigrateDisks func(ctx context.Context, args *qapi.MigrateArgs, incremental bool) error
	// ReadMemory reads guest-physical memory; zeros where there is none. nil: commands that need it are errors.
	ReadMemory func(ctx context.Context, addr uint64, p []byte) error
	// DiskIO carries out a command of qemu-io on a disk, or that of a device. nil: qemu-io is an error.
	DiskIO func(name string, qdev bool, command string) error
	// Snapshots carry out savevm and its like. nil: there are no disks that could hold any.
	Snapshots Snapshots
	// Exclusively runs f while no other command runs, of QMP's or of other monitors. It fails when f was not run,
	// because ctx is done or the process ends. nil: commands run at any time.
	Exclusively func(ctx context.Context, f func()) error
	// Preconfig tells whether the machine is still to be made: only few commands can run then. nil: it never is.
	Preconfig func() bool
	// Report gets messages for the process's standard error: what fails when nobody waits for it any more. nil drops
	// them.
	Report func(text string)
}
