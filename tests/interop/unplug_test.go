package interop

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// paired is a machine with a passed-through card, which cannot move, and one that stands in for it; the guest
// takes its time to let go of the former.
func paired(unplug string) []string {
	return []string{"-machine", "memtest,workload=idle", "-m", "64", "-nodefaults",
		"-device", "virtio-net-pci,id=s0,failover=on", "-device", "vfio-sim,id=p0,failover_pair_id=s0,unplug-time=" + unplug}
}

// failoverEvents are those of a machine that tools of QEMU's failover wait for.
func failoverEvents(t *testing.T, e *emulator.Emulator) string {
	t.Helper()
	emulator.Must(t, e.WaitTold(t.Context()))
	var told []string
	for _, ev := range e.Monitor.Events() {
		switch ev.Name {
		case "UNPLUG_PRIMARY", "FAILOVER_NEGOTIATED", "MIGRATION":
			told = append(told, string(ev.Data))
		}
	}
	return strings.Join(told, " ")
}

// The card that cannot move is unplugged at the source, and plugged in at the destination.
func TestUnplugPrimary(t *testing.T) {
	t.Parallel()
	p := emulator.NeedServer(t)
	src := emulator.Launch(t, p, "source", paired("0s")...)
	dst := emulator.Launch(t, p, "destination", append(paired("0s"), "-incoming", "defer")...)
	for _, e := range []*emulator.Emulator{src, dst} {
		emulator.Must(t, e.SetCapabilities(t.Context(), "events"))
	}
	emulator.Must(t, emulator.Unix().Migrate(t.Context(), src, dst))
	_, err := src.WaitMigration(t.Context(), "completed")
	emulator.Must(t, err)
	_, err = dst.WaitMigration(t.Context(), "completed")
	emulator.Must(t, err)
	if got := failoverEvents(t, src); !strings.HasSuffix(got,
		`{"status": "setup"} {"device-id": "p0"} {"status": "active"} {"status": "device"} {"status": "completed"}`) {
		t.Errorf("source told %s", got)
	}
	if got := failoverEvents(t, dst); got != `{"status": "setup"} {"status": "active"} {"device-id": "s0"} {"status": "completed"}` {
		t.Errorf("destination told %s", got)
	}
}

// A guest that does not let go of its card keeps nobody who yanks the migration.
func TestUnplugYank(t *testing.T) {
	t.Parallel()
	src := emulator.Launch(t, emulator.NeedServer(t), "source", paired("1h")...)
	l, err := net.Listen("unix", filepath.Join(src.Dir, "mig"))
	emulator.Must(t, err)
	defer l.Close()
	go func() {
		if conn, err := l.Accept(); err == nil {
			defer conn.Close()
			_, _ = io.Copy(io.Discard, conn)
		}
	}()
	emulator.Must(t, src.SetCapabilities(t.Context(), "events"))
	emulator.Must(t, src.Monitor.Execute(t.Context(), "migrate", map[string]any{"uri": "unix:" + l.Addr().String()}, nil))
	_, err = src.WaitMigration(t.Context(), "wait-unplug")
	emulator.Must(t, err)
	emulator.Must(t, src.Yank(t.Context()))
	_, err = src.WaitMigration(t.Context(), "failed")
	emulator.Must(t, err)
	if got := failoverEvents(t, src); !strings.HasSuffix(got,
		`{"status": "setup"} {"device-id": "p0"} {"status": "wait-unplug"} {"status": "failed"}`) {
		t.Errorf("told %s", got)
	}
}
