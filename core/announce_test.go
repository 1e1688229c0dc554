package core

import (
	"testing"
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/qapi"
)

// networked is a guest with two network cards that keeps what they announce.
type networked struct {
	*counter
	spoken chan string
}

func (*networked) Cards() []string        { return []string{"net0", "net1"} }
func (n *networked) Announce(card string) { n.spoken <- card }

func newNetworked(t *testing.T, conf Config) (*Machine, *networked) {
	n := &networked{counter: newCounter(t, 2), spoken: make(chan string, 100)}
	m := New(conf, "test-1.0", guest.Guest(n))
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m, n
}

func (n *networked) hears(t *testing.T, cards ...string) {
	t.Helper()
	for _, want := range cards {
		select {
		case got := <-n.spoken:
			if got != want {
				t.Errorf("%s announces itself, not %s", got, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s is silent", want)
		}
	}
}

func TestAnnounceSelf(t *testing.T) {
	m, n := newNetworked(t, Config{})
	for _, c := range []struct {
		args qapi.AnnounceSelfArgs
		want []string
	}{
		{qapi.AnnounceSelfArgs{Rounds: 2}, []string{"net0", "net1", "net0", "net1"}},
		{qapi.AnnounceSelfArgs{Rounds: 1, Interfaces: []string{"net1", "nope"}, ID: new("x")}, []string{"net1"}},
		{qapi.AnnounceSelfArgs{Rounds: 0}, nil},
	} {
		if err := m.AnnounceSelf(t.Context(), &c.args); err != nil {
			t.Fatal(err)
		}
		n.hears(t, c.want...)
	}
	select {
	case card := <-n.spoken:
		t.Errorf("%s announces itself once more", card)
	default:
	}
}

// After an incoming migration the cards speak, as the parameters say.
func TestAnnounceAfterMigration(t *testing.T) {
	src := newSide(t, 2, Config{Paused: true})
	uri, _ := saved(t, src)
	m, n := newNetworked(t, Config{Incoming: true})
	params := &qapi.MigrateSetParameters{AnnounceRounds: new(uint64(3)), AnnounceInitial: new(uint64(1)), AnnounceStep: new(uint64(1))}
	if err := m.MigrateSetParameters(t.Context(), params); err != nil {
		t.Fatal(err)
	}
	if err := m.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	n.hears(t, "net0", "net1", "net0", "net1", "net0", "net1")
}
