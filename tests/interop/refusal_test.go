package interop

import (
	"net"
	"path/filepath"
	"testing"

	"qmpmigrate/tests/emulator"
)

// Migrations that cannot begin: what the command says, and what it leaves.
func TestRefusedMigrations(t *testing.T) {
	both(t, func(d *dialogue) {
		d.start()
		channel := func(kind string, addr map[string]any) map[string]any {
			return map[string]any{"channel-type": kind, "addr": addr}
		}
		nowhere := map[string]any{"transport": "socket", "type": "unix", "path": "/nonexistent/u"}
		for _, args := range []map[string]any{
			{"uri": "bogus:1"}, {"uri": ""}, {"uri": "tcp"}, {"uri": "tcp:"}, {"uri": "tcp:127.0.0.1"}, {"uri": "tcp::"},
			{"uri": "tcp:[bad"}, {"uri": "tcp:h:1,to=x"}, {"uri": "tcp:h:1,ipv4=maybe"}, {"uri": "unix:"},
			{"uri": "vsock:1"}, {"uri": "fd:"}, {"uri": "file:f,offset=zz"},
			{}, {"channels": []any{}}, {"uri": "unix:/x", "channels": []any{channel("main", nowhere)}},
			{"channels": []any{channel("main", nowhere), channel("main", nowhere)}},
			{"uri": "unix:/x", "resume": true},
			{"uri": "fd:nope"}, {"uri": "file:/nonexistent/dir/f"}, {"uri": "file:/dev/fdset/3"},
			{"channels": []any{channel("main", map[string]any{"transport": "exec", "args": []any{"/nonexistent"}})}},
		} {
			d.try(d.src, "migrate", args)
			d.keys(d.src)
		}
		for _, uri := range []string{"unix:/nonexistent/x", "tcp:127.0.0.1:1", "tcp:nosuch.invalid:4444", "vsock:x:1"} {
			d.try(d.src, "migrate", map[string]any{"uri": uri})
			d.reach(d.src, "failed")
		}
		d.events(d.src)
	})
}

// A destination that failed and was told to stay.
func TestFailedDestinationStays(t *testing.T) {
	both(t, func(d *dialogue) {
		d.start()
		path := filepath.Join(d.TempDir(), "m")
		args := map[string]any{"uri": "unix:" + path, "exit-on-error": false}
		d.try(d.dst, "migrate-incoming", args)
		d.keys(d.dst)
		conn, err := net.Dial("unix", path)
		emulator.Must(d, err)
		defer conn.Close()
		_, err = conn.Write([]byte("no stream at all"))
		emulator.Must(d, err)
		d.reach(d.dst, "failed")
		d.instances(d.dst)
		d.try(d.dst, "migrate-incoming", args)
		d.try(d.dst, "migrate", map[string]any{"uri": "unix:/x"})
		d.events(d.dst)
	})
}
