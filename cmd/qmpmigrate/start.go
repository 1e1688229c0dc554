package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core/object"
	"qmpmigrate/qapi"
	"qmpmigrate/qmp"
)

func newServer(conf *cmdline.Config, prog string, stdout, stderr io.Writer) *server {
	s := &server{conf: conf, prog: prog, stdout: stdout, stderr: stderr, failed: make(chan error, 1)}
	s.devices = newChardevs(s.warn, func() { _ = s.qmp.Quit(context.Background()) })
	return s
}

// warn shows what does not end the process.
func (s *server) warn(w cmdline.Warning) { _, _ = io.WriteString(s.stderr, w.Render(s.prog)) }

// say shows a line that is about nothing on the command line.
func (s *server) say(text string) { fmt.Fprintf(s.stderr, "%s: %s\n", s.prog, text) }

// run starts the machine, in the order in which QEMU does it, and serves until
// it is told to end.
func (s *server) run(d daemon) (err error) {
	defer s.devices.close()
	nameProcess(s.conf)
	signals := make(chan os.Signal, 1)
	// To the very end: one that comes behind quit does not change how the process ends.
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE)

	if err := sandbox(s.conf.Sandbox); err != nil {
		return err
	}
	if s.conf.PidFile != "" {
		remove, err := writePidFile(s.conf.PidFile)
		if err != nil {
			return err
		}
		defer remove()
	}
	objects := &object.Registry{}
	defer objects.Close()
	if err := s.build(objects, signals); err != nil || s.machine == nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.open(); err != nil {
		return err
	}
	id, err := identity(s.conf.RunWith)
	if err != nil {
		return err
	}
	if err := id.Assume(); err != nil {
		return err
	}
	if err := d.done(s.conf.Log.Name(os.Getpid()) != ""); err != nil {
		return err
	}
	return s.wait(signals)
}

// build makes everything, and opens what others connect to. A signal meanwhile
// leaves no machine, and no error.
func (s *server) build(objects *object.Registry, signals chan os.Signal) error {
	log, err := openLog(s.conf, s.stderr)
	if err != nil {
		return err
	}
	traces, warnings, err := newTracing(s.conf, log)
	for _, w := range warnings {
		s.warn(w)
	}
	if err != nil {
		return err
	}
	s.qmp = qmp.NewServer(qmp.Config{Version: version(), Quit: s.quit, Policy: policy(s.conf.Compat)})
	if err := inheritFDs(s.qmp.FDSets(), s.conf.FDs); err != nil {
		return err
	}
	if err := createObjects(s.conf, objects, func(o cmdline.Object) bool { return !memoryObject(o) }); err != nil {
		return err
	}
	if err := s.openDevices(signals); err != nil {
		select {
		case sig := <-signals:
			s.sayTerminated(sig)
			return nil
		default:
			return err
		}
	}
	if err := createObjects(s.conf, objects, memoryObject); err != nil {
		return err
	}
	if s.disks, err = openDisks(s.conf, s.stderr, s.say); err != nil {
		return err
	}
	s.machine, err = newMachine(s.conf, s.devices, s.disks.Graph(), objects, s.qmp, traces, s.fail, s.say)
	return err
}

// open lets clients in.
func (s *server) open() error {
	s.hmp = s.newHMP(s.prog, s.stderr)
	s.register()
	if err := s.serveQtest(); err != nil {
		return err
	}
	if err := s.globals(); err != nil {
		return err
	}
	if s.conf.Preconfig {
		s.qmp.SetPreconfig(true)
		s.machine.Preconfig(s.begin)
		s.devices.start()
		return nil
	}
	if err := s.incoming(); err != nil {
		return err
	}
	// As in QEMU nobody is answered before the VM is there.
	if err := s.launch(); err != nil {
		return err
	}
	s.devices.start()
	return nil
}

// launch lets the VM begin, in the state of a snapshot if there is one.
func (s *server) launch() error {
	if s.conf.LoadVM != "" {
		return s.machine.LaunchSnapshot(s.conf.LoadVM)
	}
	return s.machine.Launch()
}

// begin is what is left to do when x-exit-preconfig ends the time before the
// machine. Its failure is the process's.
func (s *server) begin() error {
	s.qmp.SetPreconfig(false)
	err := s.incoming()
	if err == nil {
		err = s.machine.Launch()
	}
	if err != nil {
		s.fail(err)
	}
	return err
}

// globals are the values of -global.
func (s *server) globals() error {
	m := s.machine.Migration()
	for _, g := range s.conf.Globals {
		if g.Driver != "migration" {
			if !hardware(s.conf, g.Driver) {
				s.warn(g.Unused())
			}
			continue
		}
		if err := m.SetProperty(g.Property, g.Value); err != nil {
			return g.Failure(err)
		}
	}
	return m.CheckProperties()
}

// hardware says whether a class is one of a PC's that tools set globals of, or of a device of the command line. They have
// no effect, as with the devices.
func hardware(conf *cmdline.Config, class string) bool {
	return slices.Contains([]string{
		"ICH9-LPC", "PIIX4_PM", "VGA", "cirrus-vga", "fw_cfg_io", "hpet", "ide-cd", "ide-hd", "isa-debugcon", "isa-fdc", "kvm-apic",
		"kvm-pit", "mc146818rtc", "pcie-root-port", "pckbd", "qemu64-x86_64-cpu", "qxl-vga", "scsi-hd", "virtio-blk-pci",
		"virtio-net-pci", "virtio-pci",
	}, class) || slices.ContainsFunc(conf.Devices, func(d cmdline.Device) bool { return d.Driver == class })
}

// wait returns when something ends the process.
func (s *server) wait(signals <-chan os.Signal) error {
	select {
	case <-s.qmp.Stopping():
	case sig := <-signals:
		s.machine.Shutdown(qapi.ShutdownCauseHostSignal)
		s.sayTerminated(sig)
	case err := <-s.failed:
		return err
	}
	return nil
}

// sayTerminated says what QEMU says of a signal whose sender it does not know:
// the Go runtime does not hand the sender on.
func (s *server) sayTerminated(sig os.Signal) {
	if n, ok := sig.(syscall.Signal); ok {
		s.say(fmt.Sprintf("terminating on signal %d", int(n)))
	}
}
