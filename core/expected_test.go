package core

import (
	"testing"
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/qapi"
)

// slow is a guest with a device that takes a time to load, and knows it.
type slow struct {
	*counter
	load time.Duration
}

type slowState struct {
	*vmstate.Description
	load time.Duration
}

func (s slowState) LoadEstimate() time.Duration { return s.load }

func (s slowState) Load(r *stream.Reader, version uint32) error {
	time.Sleep(s.load)
	return s.Description.Load(r, version)
}

func (s slow) Devices() []savevm.Device {
	own := s.counter.Devices()
	own[0].State = slowState{own[0].State.(*vmstate.Description), s.load}
	return own
}

func newSlow(t *testing.T, conf Config, load time.Duration) *side {
	s := &side{counter: newCounter(t, 3000), events: &record{}, failed: make(chan error, 1)}
	conf.Events, conf.Failed = s.events, func(err error) { s.failed <- err }
	s.Machine = New(conf, "test-1.0", guest.Guest(slow{s.counter, load}))
	t.Cleanup(func() {
		if err := s.Machine.Close(); err != nil {
			t.Error(err)
		}
	})
	s.enable(t, qapi.MigrationCapabilityEvents)
	if err := s.Launch(); err != nil {
		t.Fatal(err)
	}
	return s
}

// What a source expects has the destination's part in it; without a return path
// it cannot know.
func TestExpectedWithTheDestinationsPart(t *testing.T) {
	const load = 400 * time.Millisecond
	for _, answered := range []bool{true, false} {
		src, dst := newSlow(t, Config{}, load), newSlow(t, Config{Incoming: true}, load)
		if answered {
			src.enable(t, returnPath)
		}
		// It goes round and round until it may end.
		src.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(20 << 20)), DowntimeLimit: new(uint64(0))})
		src.send(t, dst.listen(t))
		expected := func() time.Duration {
			info := src.Migration().Info()
			if info.ExpectedDowntime == nil || info.RAM == nil || info.RAM.DirtySyncCount < 2 {
				return 0
			}
			return time.Duration(*info.ExpectedDowntime) * time.Millisecond
		}
		if answered {
			for deadline := time.Now().Add(time.Minute); expected() < load; {
				if time.Now().After(deadline) {
					t.Fatalf("%s", src.Migration().Info().AppendJSON(nil))
				}
			}
		}
		src.set(t, qapi.MigrateSetParameters{DowntimeLimit: new(uint64(60000))})
		if s := src.wait(t); s != qapi.MigrationStatusCompleted {
			t.Fatal(s)
		}
		dst.wait(t)
		if down := *src.Migration().Info().Downtime; answered && time.Duration(down)*time.Millisecond < load {
			t.Errorf("down for %d ms", down)
		}
	}
}
