package main

import (
	"context"
	"io"
	"os"
	"sync"

	"qmpmigrate/channels/chardev"
	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/hmp"
	"qmpmigrate/qmp"
)

// openDevices opens the character devices and attaches the monitors. A signal
// ends the wait for a client; it then is the first one to be found in signals.
func (s *server) openDevices(signals chan os.Signal) error {
	ctx, cancel := context.WithCancel(context.Background())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case sig := <-signals:
			signals <- sig
			cancel()
		case <-ctx.Done():
		}
	}()
	defer func() {
		cancel()
		<-watched
	}()
	s.devices.sets = s.qmp.FDSets()
	if err := s.devices.open(ctx, s.conf); err != nil {
		return err
	}
	return s.monitors()
}

// monitors attaches the monitors of the command line to their devices.
func (s *server) monitors() error {
	for _, m := range s.conf.QMP {
		if err := s.devices.attach(m.Chardev, s.qmpFrontend(m)); err != nil {
			return m.Where.Errorf("%v", err)
		}
	}
	for _, m := range s.conf.HMP {
		if err := s.devices.attach(m.Chardev, s.hmpFrontend()); err != nil {
			return m.Where.Errorf("%v", err)
		}
	}
	return nil
}

// qmpFrontend serves QMP clients.
func (s *server) qmpFrontend(m cmdline.Monitor) chardev.Frontend {
	monitor := s.qmp.NewMonitor(qmp.MonitorConfig{
		Pretty:    m.Pretty,
		StayOnEOF: m.Chardev.Backend == "stdio",
		NoOOB:     isMemory(m.Chardev),
	})
	return chardev.Frontend{
		Echo: true,
		Serve: func(ctx context.Context, conn io.ReadWriteCloser) {
			// A session ends with its client or the server; neither is an error of the process.
			_ = monitor.ServeConn(ctx, conn)
		},
	}
}

// hmpFrontend serves clients of a text monitor, which echoes itself. The
// monitor is made once the first one comes: the machine is there by then.
func (s *server) hmpFrontend() chardev.Frontend {
	monitor := sync.OnceValue(func() *hmp.Monitor { return s.hmp.NewMonitor() })
	return chardev.Frontend{
		Held:  true,
		Serve: func(ctx context.Context, conn io.ReadWriteCloser) { _ = monitor().ServeConn(ctx, conn) },
	}
}
