package vfiosim

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/core/savevm"
)

// Generations are told without counting: here they are counted.
func TestGenerations(t *testing.T) {
	c := contents{size: 7*chunkSize - 1}
	counted := make([]uint64, c.chunks())
	for writes := range uint64(40) {
		for i, want := range counted {
			if got := c.generation(uint64(i), writes); got != want {
				t.Fatalf("after %d rewrites chunk %d is of generation %d, want %d", writes, i, got, want)
			}
		}
		counted[writes%c.chunks()]++
	}
	if n := c.length(6); n != chunkSize-1 {
		t.Errorf("the last chunk has %d bytes", n)
	}
}

func TestChunksDiffer(t *testing.T) {
	seen := map[string]bool{}
	for i := range uint64(50) {
		for g := range uint64(50) {
			p := make([]byte, 27)
			fill(p, i, g)
			if !holds(p, i, g) || holds(p, i, g+1) || holds(p, i+1, g) || seen[string(p)] {
				t.Fatalf("chunk %d of generation %d", i, g)
			}
			seen[string(p)] = true
			p[len(p)-1] ^= 1
			if holds(p, i, g) {
				t.Fatal("a wrong byte at the end was not seen")
			}
		}
	}
}

// The state changes only while the guest and the driver's state let it.
func TestDirtying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := newDevice(t, func(c *Config) { c.DirtyRate = 4 * chunkSize })
		after := func(want uint64) {
			t.Helper()
			time.Sleep(time.Second)
			if got := d.contents.writes(time.Now()); got != want {
				t.Errorf("%d chunks rewritten, want %d", got, want)
			}
		}
		after(0) // the guest has not run yet
		d.Start()
		after(4)
		s := newSender(t, d, savevm.Plan{})
		after(8)
		d.Stop()
		after(8)
		s.live.Source.Close()
		after(8)
		d.Start()
		after(12)
		d.Stop()
		d.Reset()
		after(0)
		d.Start()
		after(4)
	})
}

// Saving a device of a VM that never ran does not let it run.
func TestPausedDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := newDevice(t, func(c *Config) { c.DirtyRate = 4 * chunkSize })
		newSender(t, d, savevm.Plan{})
		time.Sleep(time.Second)
		if got := d.contents.writes(time.Now()); got != 0 {
			t.Errorf("%d chunks rewritten", got)
		}
	})
}

// What a device that cannot enter a state says, and where it is then.
func TestFaults(t *testing.T) {
	fault := func(f Fault) func(*Config) { return func(c *Config) { c.Fault = f } }
	starts := func(d *Device) error { return d.source.Start(newSender(t, mustDevice(t), savevm.Plan{}).w, time.Now()) }
	stops := func(d *Device) error {
		s := newSender(t, d, savevm.Plan{})
		d.Stop()
		return s.s.End(&s.live)
	}
	good := func() []byte {
		d := mustDevice(t)
		return newSender(t, d, savevm.Plan{}).stop()
	}
	for _, c := range []struct {
		fault Fault
		do    func(d *Device) error
		want  string
		state state
	}{
		{FaultPreCopy, starts,
			"v0: Failed setting device state to PRE_COPY. Setting device in recover state RUNNING: Input/output error", stateRunning},
		{FaultStopCopy, stops,
			"v0: Failed setting device state to STOP_COPY. Recover state is ERROR. Resetting device: Input/output error", stateRunning},
		{FaultResuming, func(d *Device) error { return load(t.Context(), d, nil, nil) },
			"v0: Failed setting device state to RESUMING. Setting device in recover state RUNNING: Input/output error", stateRunning},
		{FaultPrepare, func(d *Device) error { return load(t.Context(), d, nil, good()) },
			"v0: the device did not become ready: Input/output error", stateError},
		{FaultLoad, func(d *Device) error { return load(t.Context(), d, nil, good()) },
			"v0: Input/output error", stateError},
	} {
		d, _ := newDevice(t, fault(c.fault))
		d.Start()
		if err := c.do(d); err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
		if d.state != c.state {
			t.Errorf("%s: the device is %s", c.want, d.state)
		}
	}
}

func mustDevice(t *testing.T) *Device {
	d, _ := newDevice(t, nil)
	d.Start()
	return d
}

// Only a reset leads out of the error state.
func TestErrorState(t *testing.T) {
	var told []string
	d, seen := newDevice(t, func(c *Config) { c.Report = func(text string) { told = append(told, text) } })
	d.state = stateError
	d.Start()
	const want = "v0: Failed setting device state to RUNNING_P2P. Recover state is ERROR. Resetting device: Input/output error"
	if strings.Join(told, "; ") != want || d.state != stateRunning {
		t.Errorf("%s after %q", d.state, told)
	}
	if seen.String() != "running" {
		t.Errorf("events %s", seen)
	}
	d.state = stateError
	d.Reset()
	if d.state != stateStop {
		t.Errorf("%s after a reset", d.state)
	}
}

func TestRefusedPlansAndConfigs(t *testing.T) {
	d := mustDevice(t)
	const want = "v0: VFIO migration is not supported with postcopy migration"
	if err := d.source.Prepare(savevm.Plan{Postcopy: true}); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	for _, c := range []Config{
		{}, {StateSize: MaxStateSize + 1}, {StateSize: 1, InitialSize: 2}, {StateSize: 1, Prepare: -1},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
	for want, c := range map[string]Config{"a": {ID: "a", Path: "b"}, "b": {Path: "b"}, "vfio-sim": {}} {
		if c.Name() != want {
			t.Errorf("%s, want %s", c.Name(), want)
		}
	}
}
