package interop

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/tests/emulator"
)

// The order of events at both ends, what query-migrate tells on the way, and what is left in the end: the
// same from QEMU 10.0 and from ours.
func TestEventsOfAMigration(t *testing.T) {
	for name, talk := range map[string]func(d *dialogue){
		"precopy": func(d *dialogue) {
			d.start()
			d.keys(d.src)
			d.keys(d.dst)
			d.hold()
			d.migrate()
			d.underWay()
			d.instances(d.src)
			d.instances(d.dst)
			d.try(d.src, "migrate", map[string]any{"uri": "unix:/x"})
			d.try(d.src, "migrate-set-capabilities", map[string]any{"capabilities": []any{}})
			d.try(d.src, "migrate-continue", map[string]any{"state": "pre-switchover"})
			emulator.Must(d, d.src.SetParameters(d.Context(), fast))
			d.reach(d.src, "completed")
			d.reach(d.dst, "completed")
			d.instances(d.src)
			d.instances(d.dst)
			d.try(d.src, "migrate", map[string]any{"uri": "unix:/x"})
			d.try(d.dst, "migrate-incoming", map[string]any{"uri": "unix:/x"})
			d.try(d.src, "migrate_cancel", nil)
			d.events(d.src)
			d.events(d.dst)
		},
		"events off": func(d *dialogue) {
			d.start()
			for _, e := range []*emulator.Emulator{d.src, d.dst} {
				emulator.Must(d, e.ClearCapabilities(d.Context(), "events"))
			}
			d.migrate()
			d.reach(d.src, "completed")
			d.reach(d.dst, "completed")
			d.events(d.src)
			d.events(d.dst)
		},
		"source stopped": func(d *dialogue) {
			d.start()
			emulator.Must(d, d.src.Execute(d.Context(), "stop", nil, nil))
			d.migrate()
			d.reach(d.src, "completed")
			d.reach(d.dst, "completed")
			d.events(d.src)
			d.events(d.dst)
		},
		"destination stopped": func(d *dialogue) {
			d.start("-S")
			d.migrate()
			d.reach(d.src, "completed")
			d.reach(d.dst, "completed")
			d.try(d.dst, "cont", nil)
			d.keys(d.dst)
			d.events(d.src)
			d.events(d.dst)
		},
		"pause": func(d *dialogue) {
			d.start()
			emulator.Must(d, d.src.SetCapabilities(d.Context(), "pause-before-switchover"))
			d.migrate()
			d.reach(d.src, "pre-switchover")
			d.try(d.src, "cont", nil)
			d.try(d.src, "migrate-continue", map[string]any{"state": "active"})
			d.try(d.src, "migrate-continue", map[string]any{"state": "pre-switchover"})
			d.reach(d.src, "completed")
			d.reach(d.dst, "completed")
			d.events(d.src)
			d.events(d.dst)
		},
		"return path": func(d *dialogue) {
			d.start()
			emulator.Must(d, d.src.SetCapabilities(d.Context(), "return-path", "switchover-ack"))
			emulator.Must(d, d.dst.SetCapabilities(d.Context(), "return-path", "switchover-ack"))
			d.migrate()
			d.reach(d.src, "completed")
			d.keys(d.dst) // it runs before the source is done
			d.reach(d.dst, "completed")
			d.events(d.src)
			d.events(d.dst)
		},
		"return path that is none": func(d *dialogue) {
			d.start()
			emulator.Must(d, d.src.SetCapabilities(d.Context(), "return-path"))
			emulator.Must(d, d.src.MigrateTo(d.Context(), "file:"+filepath.Join(d.TempDir(), "stream")))
			d.reach(d.src, "failed")
			_, err := d.src.Monitor.WaitEvent(d.Context(), 0, "RESUME", nil)
			emulator.Must(d, err)
			d.events(d.src)
		},
		"to a command": func(d *dialogue) {
			d.start()
			emulator.Must(d, d.src.MigrateTo(d.Context(), "exec:cat > /dev/null"))
			d.reach(d.src, "completed")
			d.try(d.src, "cont", nil)
			d.keys(d.src)
			d.events(d.src)
		},
	} {
		t.Run(name, func(t *testing.T) { both(t, talk) })
	}
}

// Migrations that are ended by somebody.
func TestEventsOfAnEnd(t *testing.T) {
	cancel := func(d *dialogue) {
		d.try(d.src, "migrate_cancel", nil)
		d.reach(d.src, "cancelled")
		d.instances(d.src)
		d.events(d.src)
	}
	for name, talk := range map[string]func(d *dialogue){
		"cancel in setup": func(d *dialogue) {
			d.start()
			emulator.Must(d, d.src.MigrateTo(d.Context(), "tcp:"+silence(d)))
			d.reach(d.src, "setup")
			d.instances(d.src)
			d.try(d.src, "migrate_cancel", nil)
			d.reach(d.src, "cancelled") // QEMU keeps the instance, and so refuses the next migration
			d.events(d.src)
		},
		"cancel in active": func(d *dialogue) {
			d.start()
			d.hold()
			d.migrate()
			d.underWay()
			cancel(d)
			d.ends(d.dst)
			d.events(d.dst)
		},
		"cancel under a return path": func(d *dialogue) {
			d.start()
			emulator.Must(d, d.src.SetCapabilities(d.Context(), "return-path"))
			d.hold()
			d.migrate()
			d.reach(d.src, "active")
			d.reach(d.dst, "active")
			cancel(d)
			d.ends(d.dst)
		},
		"cancel without an ack": func(d *dialogue) {
			d.start()
			emulator.Must(d, d.src.SetCapabilities(d.Context(), "return-path", "switchover-ack"))
			d.migrate()
			_, err := d.src.WaitMigrationUntil(d.Context(), "in its third pass", func(m emulator.Migration) bool { return m.RAM.SyncCount >= 3 })
			emulator.Must(d, err)
			d.reach(d.src, "active")
			d.try(d.src, "migrate_cancel", nil)
			d.reach(d.src, "cancelled")
			d.instances(d.src)
			d.ends(d.dst)
		},
		"cancel in pause": func(d *dialogue) {
			d.start()
			emulator.Must(d, d.src.SetCapabilities(d.Context(), "pause-before-switchover"))
			d.migrate()
			d.reach(d.src, "pre-switchover")
			cancel(d)
			d.ends(d.dst)
		},
		"yank in active": func(d *dialogue) {
			d.start()
			d.hold()
			d.migrate()
			d.underWay()
			d.try(d.src, "yank", map[string]any{"instances": []any{map[string]any{"type": "migration"}}})
			d.reach(d.src, "failed")
			d.events(d.src)
			d.ends(d.dst)
		},
		"yank of a destination": func(d *dialogue) {
			d.start()
			d.hold()
			d.migrate()
			d.underWay()
			// A QEMU may end before it answers.
			_ = d.dst.Yank(d.Context())
			d.ends(d.dst)
			d.events(d.dst)
			d.reach(d.src, "failed")
		},
		"destination dies": func(d *dialogue) {
			d.start()
			d.hold()
			d.migrate()
			d.underWay()
			d.dst.Kill()
			d.reach(d.src, "failed")
			d.events(d.src)
		},
		"destination dies in the pause": func(d *dialogue) {
			d.start()
			emulator.Must(d, d.src.SetCapabilities(d.Context(), "pause-before-switchover"))
			d.migrate()
			d.reach(d.src, "pre-switchover")
			d.dst.Kill()
			_, err := d.dst.Wait(d.Context())
			emulator.Must(d, err)
			d.try(d.src, "migrate-continue", map[string]any{"state": "pre-switchover"})
			d.reach(d.src, "failed")
			_, err = d.src.Monitor.WaitEvent(d.Context(), 0, "RESUME", nil)
			emulator.Must(d, err)
			d.events(d.src)
		},
		"quit": func(d *dialogue) {
			d.start()
			d.hold()
			d.migrate()
			d.underWay()
			d.try(d.src, "quit", nil)
			d.ends(d.src)
			d.events(d.src)
			// QEMU may end before its last event is out.
			last := &d.said[len(d.said)-1]
			*last = strings.TrimSuffix(*last, ", cancelled")
			d.ends(d.dst)
		},
	} {
		t.Run(name, func(t *testing.T) { both(t, talk) })
	}
}

// silence is an address of a host that does not answer: a listener whose queue is full.
func silence(d *dialogue) string {
	d.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	emulator.Must(d, err)
	d.Cleanup(func() { unix.Close(fd) })
	emulator.Must(d, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	emulator.Must(d, unix.Listen(fd, 0))
	name, err := unix.Getsockname(fd)
	emulator.Must(d, err)
	addr := (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*unix.SockaddrInet4).Port}).String()
	for range 100 {
		conn, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
		if err != nil {
			return addr
		}
		d.Cleanup(func() { conn.Close() })
	}
	d.Fatal("the queue is never full")
	return ""
}
