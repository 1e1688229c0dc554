package main

import (
	"context"
	"io"
	"os"

	"qmpmigrate/channels/chardev"
	"qmpmigrate/cmd/qmpmigrate/qtest"
	"qmpmigrate/core"
)

// bus is guest memory as the harness sees it. What is still to come is waited
// for until the machine is closed.
type bus struct{ machine *core.Machine }

func (b bus) ReadPhys(addr uint64, p []byte) error {
	return b.machine.ReadPhys(context.Background(), addr, p)
}

func (b bus) WritePhys(addr uint64, p []byte) error {
	return b.machine.WritePhys(context.Background(), addr, p)
}

// serveQtest lets a test harness look into the guest's memory.
func (s *server) serveQtest() error {
	if s.conf.Qtest == nil {
		return nil
	}
	log := qtest.NewLog(s.stderr)
	switch name := s.conf.QtestLog; name {
	case "":
	case "none":
		log = nil
	default:
		// As with QEMU there is no log where it cannot be written.
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
		if log = nil; err == nil {
			log = qtest.NewLog(f)
		}
	}
	q := qtest.New(bus{s.machine}, log)
	return s.devices.attach(s.conf.Qtest, chardev.Frontend{
		Serve: func(_ context.Context, conn io.ReadWriteCloser) {
			// It ends with its client, which is no error of the process.
			_ = q.Serve(conn)
			conn.Close()
		},
	})
}
