package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"qmpmigrate/cmd/qmpmigrate/conduct"
)

const migrateUsage = `usage: qmpmigrate migrate --from SOCK --to SOCK [OPTION...]

Moves a VM from one QMP server to another, real QEMU or qmpmigrate: sets both
sides up, shows how it goes, and says how it ended in the words of both. The
destination must have been started with -incoming, best with "-incoming defer".

  --from SOCK           the QMP server that has the VM: PATH, unix:PATH,
  --to SOCK             tcp:HOST:PORT or HOST:PORT; and the one that shall get it
  --uri URI             where the destination listens, and the source connects to;
                        default: where it listens already, else a free port of
                        the loopback
  --source-uri URI      what the source connects to, where that is another URI
  --set NAME[=VALUE]    a capability (multifd, multifd=off) or a parameter
                        (max-bandwidth=1G) on both sides; may be repeated.
                        The names and types are the peers'
  --bandwidth SIZE      at most so many bytes a second: 100M, 1G; 0 is no limit
  --downtime TIME       the VM may stand still so long: 300ms
  --multifd N           move memory over N connections
  --postcopy-after WHEN let the VM go on at the destination, and fetch the rest of
                        its memory behind it, after a TIME, or at pass:N
  --timeout TIME        cancel a migration that is not through by then
  --keep-destination    do not tell a destination that failed to quit
  --json                one event a line on the standard output, and nothing else
  --quiet               no progress and no summary; with --json no progress

Ctrl-C cancels: the VM stays with the source. A second one does not wait for that.

Exit status: 0 completed, 1 failed or not started, 2 bad usage, 3 not waited for
(its end is not known), 124 cancelled because of --timeout, 130 cancelled by
Ctrl-C (143 by SIGTERM, 129 by SIGHUP).

Examples:
  qmpmigrate migrate --from a.qmp --to b.qmp
  qmpmigrate migrate --from a.qmp --to b.qmp --bandwidth 1G --downtime 100ms
  qmpmigrate migrate --from 10.0.0.1:4444 --to 10.0.0.2:4444 --uri tcp:10.0.0.2:0
  qmpmigrate migrate --from a.qmp --to b.qmp --multifd 4 --set multifd-compression=zstd
  qmpmigrate migrate --from a.qmp --to b.qmp --postcopy-after pass:2 --json
`

// migrateMain is the verb migrate; args are what follows it. It gives the exit status.
func migrateMain(args []string, stdout, stderr io.Writer) int {
	o, err := parseMigrate(args)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "qmpmigrate migrate: %v (qmpmigrate migrate --help explains)\n", err)
		return statusUsage
	case o.help:
		_, _ = io.WriteString(stdout, migrateUsage)
		return 0
	}
	signals := newInterrupts(context.Background())
	defer signals.stop()
	ctx := signals.ctx
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.timeout, &timedOut{o.timeout})
		defer cancel()
	}
	report := newReport(o, stdout, stderr)
	result, err := o.migrate(ctx, signals.again, report)
	status := exitStatus(err)
	report.end(result, err, status)
	return status
}

// migrate connects to both sides and conducts the migration.
func (o *migrateOptions) migrate(ctx context.Context, abandon <-chan struct{}, report migrateReport) (conduct.Result, error) {
	source, err := conduct.Dial(ctx, "source", o.from)
	if err != nil {
		return conduct.Result{}, err
	}
	defer source.Close()
	destination, err := conduct.Dial(ctx, "destination", o.to)
	if err != nil {
		return conduct.Result{}, err
	}
	defer destination.Close()
	c := conduct.Options{
		Source:          source,
		Destination:     destination,
		URI:             o.uri,
		SourceURI:       o.sourceURI,
		Postcopy:        o.postcopy,
		KeepDestination: o.keep,
		Abandon:         abandon,
		OnStart:         func(uri string) { report.start(source, destination, uri) },
		OnProgress:      func(p conduct.Progress) { report.progress(p, ctx.Err() != nil) },
		OnEvent:         report.event,
	}
	if err := c.Set(ctx, o.settings...); err != nil {
		return conduct.Result{}, err
	}
	return conduct.Migrate(ctx, c)
}

// The exit statuses, beside 0 and 128 with a signal's number.
const (
	statusFailed    = 1
	statusUsage     = 2
	statusAbandoned = 3
	statusTimedOut  = 124
)

// exitStatus is that of a migration that ended with err.
func exitStatus(err error) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, conduct.ErrAbandoned) {
		return statusAbandoned
	}
	if f, ok := errors.AsType[*conduct.Failure](err); ok && f.Source.Status != conduct.StatusCancelled {
		return statusFailed // whatever else happened, it was not cancelled
	}
	if s, ok := errors.AsType[*signalled](err); ok {
		return 128 + int(s.signal)
	}
	if _, ok := errors.AsType[*timedOut](err); ok {
		return statusTimedOut
	}
	return statusFailed
}
