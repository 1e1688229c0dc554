package interop

import (
	"bytes"
	"testing"

	"qmpmigrate/tests/emulator"
)

// Damage in the device part, when the source has stopped its VM already: with a return path the source hears
// of it, and the VM goes on and can be moved the next time.
func TestDamagedDevicesLeaveTheSourceRunning(t *testing.T) {
	// The same machine writes the same stream; only the two commands of the return path are more.
	data := stored(t, idle(t, "model"), "file:")
	const commands = 5 + 9
	section := bytes.Index(data, []byte("\x0bglobalstate")) + 1
	src := idle(t, "source")
	emulator.Must(t, src.SetCapabilities(t.Context(), "return-path"))
	dst := idle(t, "destination", "-incoming", "defer")
	proxy := &emulator.Proxy{Corrupt: map[int64]byte{int64(section + commands): 1}}
	harm(t, proxy, src, dst)
	m, err := src.QueryMigrate(t.Context())
	emulator.Must(t, err)
	if m.ErrorDesc != "Sibling indicated error 1" {
		t.Errorf("source says %q", m.ErrorDesc)
	}
	next := idle(t, "next destination", "-incoming", "defer")
	move(t, emulator.Unix(), src, next)
	running(t, next)
}

func idle(t *testing.T, name string, extra ...string) *emulator.Emulator {
	t.Helper()
	args := append([]string{"-machine", "memtest,workload=idle", "-m", "16", "-nodefaults"}, extra...)
	return emulator.Launch(t, emulator.NeedServer(t), name, args...)
}
