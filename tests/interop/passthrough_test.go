package interop

import (
	"strings"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// preparation is how long a device of these tests takes to make ready: longer than all the rest, however
// busy the machine is.
const preparation = 4 * time.Second

func passthrough(options string) []string {
	for _, o := range []string{",id=v0", ",state-size=8M"} {
		if name, _, _ := strings.Cut(o, "="); !strings.Contains(options, name+"=") {
			options += o
		}
	}
	return []string{"-machine", "memtest,workload=idle", "-m", "64", "-nodefaults",
		"-device", "vfio-sim,migration-events=on,prepare=" + preparation.String() + options}
}

// movePassthrough migrates a machine with a device, with the capabilities, and gives the outcome at the source.
func movePassthrough(t *testing.T, there, here string, capabilities ...string) (src, dst *emulator.Emulator, m emulator.Migration) {
	t.Helper()
	p := emulator.NeedServer(t)
	src = emulator.Launch(t, p, "source", passthrough(there)...)
	dst = emulator.Launch(t, p, "destination", append(passthrough(here), "-incoming", "defer")...)
	for _, e := range []*emulator.Emulator{src, dst} {
		emulator.Must(t, e.SetCapabilities(t.Context(), append([]string{"events"}, capabilities...)...))
		emulator.Must(t, e.SetParameters(t.Context(), map[string]any{"avail-switchover-bandwidth": 1 << 30}))
	}
	emulator.Must(t, emulator.Unix().Migrate(t.Context(), src, dst))
	m, err := src.WaitMigration(t.Context(), "completed", "failed")
	emulator.Must(t, err)
	return src, dst, m
}

// deviceStates are the migration states that a device went through since its VM first ran.
func deviceStates(t *testing.T, e *emulator.Emulator, last string) string {
	t.Helper()
	_, err := e.Monitor.WaitEvent(t.Context(), 0, "VFIO_MIGRATION", func(ev emulator.Event) bool {
		return strings.Contains(string(ev.Data), `"`+last+`"`)
	})
	emulator.Must(t, err)
	var list []string
	for _, ev := range e.Monitor.Events() {
		if ev.Name != "VFIO_MIGRATION" {
			continue
		}
		data := string(ev.Data)
		if !strings.Contains(data, `"device-id": "v0"`) || !strings.Contains(data, `"qom-path": "/machine/peripheral/v0"`) {
			t.Errorf("%s: %s", e.Name, ev)
		}
		_, state, _ := strings.Cut(data, `"device-state": "`)
		state, _, _ = strings.Cut(state, `"`)
		list = append(list, state)
	}
	return strings.Join(list, " ")
}

// The time that a device needs to make ready is downtime without switchover-ack, and with it is not.
func TestPassthroughAck(t *testing.T) {
	for _, c := range []struct {
		name, options string
		capabilities  []string
		source        string
		down          bool
	}{
		{"without", ",precopy=off", nil, "stop stop-copy stop", true},
		{"with", ",precopy=initial", []string{"return-path", "switchover-ack"}, "pre-copy pre-copy-p2p stop-copy stop", false},
		{"with everything", ",dirty-rate=1M", []string{"return-path", "switchover-ack"}, "pre-copy pre-copy-p2p stop-copy stop", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			src, dst, m := movePassthrough(t, c.options, c.options, c.capabilities...)
			if m.Status != "completed" || m.VFIO == nil || m.VFIO.Transferred < 8<<20 {
				t.Fatalf("%+v", m)
			}
			stopped, err := src.Monitor.WaitEvent(t.Context(), 0, "STOP", nil)
			emulator.Must(t, err)
			started, err := dst.Monitor.WaitEvent(t.Context(), 0, "RESUME", nil)
			emulator.Must(t, err)
			if gap := started.Time().Sub(stopped.Time()); (gap >= preparation) != c.down {
				t.Errorf("the guest was stopped for %s; the device takes %s to make ready", gap, preparation)
			}
			if got := deviceStates(t, src, "stop"); !strings.HasSuffix(got, c.source) {
				t.Errorf("at the source the device was %s", got)
			}
			if got := deviceStates(t, dst, "running"); got != "resuming running-p2p running" {
				t.Errorf("at the destination the device was %s", got)
			}
			var text string
			emulator.Must(t, src.Execute(t.Context(), "human-monitor-command", map[string]any{"command-line": "info migrate"}, &text))
			if !strings.Contains(text, "vfio device transferred: ") {
				t.Errorf("info migrate says %s", text)
			}
		})
	}
}

// A destination that cannot take the device: the source hears of it, and its VM goes on.
func TestPassthroughRefused(t *testing.T) {
	acks := []string{"return-path", "switchover-ack"}
	for _, c := range []struct{ name, there, here, want string }{
		{"another id", "", ",id=v1", "Unknown savevm section or instance 'v0/vfio' 0."},
		{"another size", "", ",state-size=9M", "v0: the device's state has 8388608 bytes, 1048576 of them initial, and here 9437184 and 1048576: Invalid argument"},
		{"no precopy", "", ",precopy=off", "v0: Received INIT_DATA_SENT but switchover ack is not used"},
		{"does not make ready", "", ",x-fault=prepare", "v0: the device did not become ready: Input/output error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src, dst, m := movePassthrough(t, c.there, c.here, acks...)
			if m.Status != "failed" || m.ErrorDesc != "Sibling indicated error 1" {
				t.Errorf("%+v", m)
			}
			if state, err := src.RunState(t.Context()); err != nil || state != "running" {
				t.Errorf("the source is %s, %v", state, err)
			}
			if _, err := dst.Wait(t.Context()); err != nil {
				t.Error(err)
			}
			if text := dst.Stderr(); !strings.Contains(text, c.want) {
				t.Errorf("the destination says %s", text)
			}
		})
	}
}

// A parked machine takes the state of a device that nobody there knows along, part by part, as does a copy of it. Where
// the device gets it back it holds every byte against what it must be.
func TestPassthroughThroughAdopt(t *testing.T) {
	for _, options := range []string{",precopy=off,prepare=0", ",precopy=on,dirty-rate=1M,prepare=0"} {
		t.Run(options[1:], func(t *testing.T) {
			p := emulator.NeedServer(t)
			src := emulator.Launch(t, p, "source", passthrough(options)...)
			middle, copied := adopting(t), adopting(t)
			dst := emulator.Launch(t, p, "destination", append(passthrough(options), "-incoming", "defer")...)
			emulator.Must(t, middle.SetCapabilities(t.Context(), "background-snapshot"))
			for _, leg := range [][2]*emulator.Emulator{{src, middle}, {middle, copied}, {copied, dst}} {
				emulator.Must(t, leg[0].SetParameters(t.Context(), map[string]any{"avail-switchover-bandwidth": 1 << 30}))
				emulator.Must(t, emulator.Unix().Migrate(t.Context(), leg[0], leg[1]))
				for _, end := range leg {
					m, err := end.WaitMigration(t.Context(), "completed")
					emulator.Must(t, err)
					if end == src && m.VFIO.Transferred < 8<<20 {
						t.Errorf("of the device %d bytes went", m.VFIO.Transferred)
					}
				}
			}
			if state, err := dst.RunState(t.Context()); err != nil || state != "running" {
				t.Errorf("the guest is %s, %v", state, err)
			}
		})
	}
}
