package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core"
	"qmpmigrate/qapi"
	"qmpmigrate/qmp"
)

// farewell bounds how long clients may take to read what is left for them.
const farewell = time.Second

// serverMain is the program without a verb: one machine and its monitors, from
// a command line like QEMU's. It gives the exit status.
func serverMain(prog string, args []string, stdout, stderr io.Writer) int {
	parser := cmdline.Parser{Prog: prog, ReadFile: os.ReadFile}
	conf, warnings, err := parser.Parse(args)
	for _, w := range warnings {
		_, _ = io.WriteString(stderr, w.Render(prog))
	}
	if err == nil {
		err = unsupported(conf)
	}
	if err == nil {
		err = serve(conf, prog, stderr)
	}
	texts := cmdline.Texts{
		cmdline.TopicVersion:           func(string) string { return versionText },
		cmdline.TopicMachineProperties: machineProperties,
	}
	return cmdline.Report(prog, err, texts, stdout, stderr)
}

// server is the process: what the command line asked for, put together.
type server struct {
	conf    *cmdline.Config
	qmp     *qmp.Server
	machine *core.Machine
	devices *chardevs
	failed  chan error
}

// serve runs the machine until it is told to end.
func serve(conf *cmdline.Config, prog string, stderr io.Writer) (err error) {
	s := &server{conf: conf, devices: newChardevs(), failed: make(chan error, 1)}
	defer s.devices.close()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer signal.Stop(signals)

	if conf.PidFile != "" {
		remove, err := writePidFile(conf.PidFile)
		if err != nil {
			return err
		}
		defer remove()
	}
	s.qmp = qmp.NewServer(qmp.Config{Version: version(), Quit: s.quit})
	if err := s.devices.open(conf); err != nil {
		return err
	}
	if s.machine, err = newMachine(conf, s.devices, s.qmp, s.fail); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	s.register()
	if err := s.incoming(); err != nil {
		return err
	}
	if err := s.monitors(); err != nil {
		return err
	}
	if err := s.machine.Launch(); err != nil {
		return err
	}
	select {
	case <-s.qmp.Stopping():
	case sig := <-signals:
		s.machine.Shutdown(qapi.ShutdownCauseHostSignal)
		if n, ok := sig.(syscall.Signal); ok {
			fmt.Fprintf(stderr, "%s: terminating on signal %d\n", prog, int(n))
		}
	case err := <-s.failed:
		return err
	}
	return nil
}

// quit is what the command quit does before its reply.
func (s *server) quit(context.Context) error {
	s.machine.Shutdown(qapi.ShutdownCauseHostQMPQuit)
	return nil
}

// fail ends the process with err; the first error counts.
func (s *server) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

func (s *server) register() {
	s.qmp.Register(qapi.MigrationCommandTable(s.machine)...)
	s.qmp.Register(qapi.RunStateCommandTable(s.machine)...)
	s.qmp.Register(qapi.MemtestCommandTable(s.machine)...)
	s.qmp.Register(qapi.MiscCommandTable(struct {
		qmp.FDCommands
		*core.Machine
	}{Machine: s.machine})...)
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
	err := s.machine.Close()
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	// A client that does not read its last events does not keep the process.
	_ = s.qmp.Close(ctx)
	return err
}
