// Package conduct carries out a migration from outside: it talks QMP to the
// process that has the VM and to the one that shall get it, real QEMU or
// qmpmigrate, sets both up, starts the migration, watches it and tells how it
// ended, in the words of both.
//
//	source, err := conduct.Dial(ctx, "source", "unix:/run/a.qmp")
//	...
//	result, err := conduct.Migrate(ctx, conduct.Options{
//		Source:      source,
//		Destination: destination,
//		Parameters:  map[string]any{"max-bandwidth": 1 << 30},
//		OnProgress:  func(p conduct.Progress) { ... },
//	})
//
// Nothing here waits without a bound: a command has ten seconds to be answered,
// and a migration in which nothing moves any more is given up (Options.Stall).
// A migration that moves, but never converges, is bounded by its context.
package conduct
