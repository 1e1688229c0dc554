package main

import (
	"context"
	"io"
	"os"
	"time"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core"
	"qmpmigrate/core/disks"
	"qmpmigrate/hmp"
	"qmpmigrate/qapi"
	"qmpmigrate/qmp"
)

// farewell bounds how long clients may take to read what is left for them.
const farewell = time.Second

// serverMain is the program without a verb: one machine and its monitors, from
// a command line like QEMU's. It gives the exit status.
func serverMain(prog string, args []string, stdout, stderr io.Writer) int {
	d := newDaemon()
	parser := cmdline.Parser{Prog: prog, ReadFile: os.ReadFile}
	conf, warnings, err := parser.Parse(args)
	if err == nil {
		stderr = newMessages(stderr, prog, conf)
		var more []cmdline.Warning
		more, err = prepare(conf)
		warnings = append(warnings, more...)
	}
	if err == nil && conf.Daemonize && !d.running() {
		return background(args, stderr)
	}
	for _, w := range warnings {
		_, _ = io.WriteString(stderr, w.Render(prog))
	}
	if err == nil {
		err = newServer(conf, prog, stdout, stderr).run(d)
	}
	texts := cmdline.Texts{
		cmdline.TopicVersion:           func(string) string { return versionText },
		cmdline.TopicMachineProperties: machineProperties,
		cmdline.TopicDevices:           deviceModels,
		cmdline.TopicDeviceProperties:  deviceProperties,
		cmdline.TopicTraceEvents:       traceNames,
	}
	return cmdline.Report(prog, err, texts, stdout, stderr)
}

// server is the process: what the command line asked for, put together.
type server struct {
	conf    *cmdline.Config
	prog    string
	stdout  io.Writer
	stderr  io.Writer
	qmp     *qmp.Server
	hmp     *hmp.Server
	machine *core.Machine
	devices *chardevs
	disks   *disks.Set
	failed  chan error
}

// quit is what the command quit does before its reply.
func (s *server) quit(context.Context) error {
	s.machine.Shutdown(qapi.ShutdownCauseHostQMPQuit)
	return nil
}

// fail ends the process with err, or in good order with nil; the first call counts.
func (s *server) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

// register offers every command; each module of the schema has one room that carries it out.
func (s *server) register() {
	m := s.machine
	for _, table := range [][]qapi.Command{
		qapi.RunStateCommandTable(m),
		qapi.MigrationCommandTable(m),
		qapi.COLOCommandTable(m),
		qapi.DirtyRateCommandTable(m),
		qapi.SnapshotCommandTable(m),
		qapi.JobCommandTable(m),
		qapi.NetCommandTable(m),
		qapi.UICommandTable(m),
		qapi.TraceCommandTable(m),
		qapi.QomCommandTable(m),
		qapi.MachineCommandTable(m),
		qapi.YankCommandTable(m),
		qapi.MiscCommandTable(m),
		qapi.MemtestCommandTable(m),
		qapi.BlockCommandTable(s.disks),
		qapi.TransactionCommandTable(s.disks),
		qapi.CharCommandTable(s.devices),
		qapi.MonitorCommandTable(s),
	} {
		s.qmp.Register(table...)
	}
}

// incoming opens the channel that -incoming names.
func (s *server) incoming() error {
	for _, in := range s.conf.Incoming {
		args := &qapi.MigrateIncomingArgs{}
		switch {
		case in.Deferred():
			continue
		case in.Channel != nil:
			channel, err := qapi.DecodeMigrationChannel(in.Channel)
			if err != nil {
				return in.Where.Errorf("%v", err)
			}
			args.Channels = []qapi.MigrationChannel{*channel}
		default:
			args.URI = &in.URI
		}
		if err := s.machine.MigrateIncoming(context.Background(), args); err != nil {
			return in.Where.Errorf("%v", err)
		}
	}
	return nil
}

// close ends the machine first, so that its last events still reach the clients.
func (s *server) close() error {
	s.devices.stopListening()
	err := s.machine.Close()
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	_ = s.hmp.Close(ctx)
	// A client that does not read its last events does not keep the process.
	_ = s.qmp.Close(ctx)
	return err
}
