package links

import (
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"github.com/google/uuid"

	"qmpmigrate/channels"
	"qmpmigrate/channels/tls"
	"qmpmigrate/core/migration/settings"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// machine is one of which only the UUID counts.
type machine struct{ id uuid.UUID }

func (m *machine) UUID() *uuid.UUID             { return &m.id }
func (*machine) Trace() *trace.Set              { return nil }
func (*machine) Authorize(string, string) error { return nil }
func (*machine) Report(string)                  {}

func (*machine) TLSCredentials(string, qapi.QCryptoTLSCredsEndpoint) (tls.Credentials, error) {
	return nil, errors.New("none")
}

// lanesOf makes channels for a machine whose migrations have n lanes.
func lanesOf(t *testing.T, n uint8) *Maker {
	t.Helper()
	s := settings.New()
	list := []qapi.MigrationCapabilityStatus{{Capability: qapi.MigrationCapabilityMultifd, State: true}}
	if err := s.SetCapabilities(list, settings.Situation{}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetParameters(&qapi.MigrateSetParameters{MultifdChannels: &n}, false); err != nil {
		t.Fatal(err)
	}
	return New(&machine{uuid.New()}, s)
}

// meeting is a destination that gathers what comes to an address.
type meeting struct {
	m         *Maker
	addr      channels.Address
	gathering *Gathering
	done      chan struct{} // closed when it has its channels, or never will
	got       *Bundle
	err       error
}

func meet(t *testing.T, m *Maker) *meeting {
	t.Helper()
	addr, err := channels.ParseURI("unix:" + t.TempDir() + "/s")
	if err != nil {
		t.Fatal(err)
	}
	_, l, err := m.Listen(t.Context(), addr, Files{})
	if err != nil {
		t.Fatal(err)
	}
	w := &meeting{m: m, addr: addr, gathering: m.Gather(t.Context(), l), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		w.got, w.err = w.gathering.Bundle()
	}()
	return w
}

// come connects, says first, and stays until the end of the test.
func (w *meeting) come(t *testing.T, first []byte) channels.Conn {
	t.Helper()
	conn, err := w.m.Dial(t.Context(), w.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := conn.Write(first); err != nil {
		t.Fatal(err)
	}
	return conn
}

func opening(vm uuid.UUID, id uint8) []byte {
	return wire.AppendMultiFDInit(nil, wire.MultiFDInit{UUID: vm, ID: id})
}

// Whatever the order in which channels come, each finds its place, and who says
// nothing holds up nobody.
func TestChannelsFindTheirPlaces(t *testing.T) {
	w := meet(t, lanesOf(t, 3))
	vm := uuid.UUID(w.m.LaneUUID())
	w.come(t, nil)
	lanes := map[int]channels.Conn{}
	for _, id := range []int{2, 0} {
		lanes[id] = w.come(t, opening(vm, uint8(id)))
	}
	main := w.come(t, binary.BigEndian.AppendUint32(nil, wire.Magic))
	lanes[1] = w.come(t, opening(vm, 1))
	<-w.done
	if w.err != nil {
		t.Fatal(w.err)
	}
	defer w.got.Close()
	for id, lane := range lanes {
		if _, err := lane.Write([]byte{byte(id)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := main.Write([]byte{9}); err != nil {
		t.Fatal(err)
	}
	for id, lane := range w.got.Lanes() {
		if got := next(t, lane, 1); got[0] != byte(id) {
			t.Errorf("lane %d is %d", id, got[0])
		}
	}
	// What told the main channel from a lane is still there.
	if got := next(t, w.got, 5); binary.BigEndian.Uint32(got) != wire.Magic || got[4] != 9 {
		t.Errorf("the main channel says % x", got)
	}
}

func next(t *testing.T, conn channels.Conn, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(conn, b); err != nil {
		t.Fatal(err)
	}
	return b
}

// Both ends are of this package: the source's lanes come as the destination wants them.
func TestLanesAreDialled(t *testing.T) {
	w := meet(t, lanesOf(t, 4))
	main, err := w.m.Dial(t.Context(), w.addr)
	if err != nil {
		t.Fatal(err)
	}
	b := NewBundle(main)
	defer b.Close()
	if _, err := b.Write(binary.BigEndian.AppendUint32(nil, wire.Magic)); err != nil {
		t.Fatal(err)
	}
	lanes, err := w.m.DialLanes(b, w.addr)
	if err != nil {
		t.Fatal(err)
	}
	<-w.done
	if w.err != nil || len(lanes) != 4 || len(w.got.Lanes()) != 4 {
		t.Fatalf("%v, %d lanes there, %d here", w.err, len(lanes), len(w.got.Lanes()))
	}
	// Whoever shuts the main channel shuts them all.
	b.Shutdown()
	for id, lane := range w.got.Lanes() {
		if n, err := lane.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("lane %d gave %d bytes, %v", id, n, err)
		}
	}
	w.got.Close()
}

// One lane that is wrong ends the wait, for its own reason.
func TestLanesThatAreWrong(t *testing.T) {
	other := uuid.New()
	for name, c := range map[string]struct {
		say  func(vm uuid.UUID) [][]byte
		want func(vm uuid.UUID) string
	}{
		"another VM": {
			func(uuid.UUID) [][]byte { return [][]byte{opening(other, 0)} },
			func(vm uuid.UUID) string {
				return "failed to receive packet via multifd channel 0: multifd: received uuid '" + other.String() +
					"' and expected uuid '" + vm.String() + "' for channel 0"
			}},
		"a number too high": {
			func(vm uuid.UUID) [][]byte { return [][]byte{opening(vm, 2)} },
			func(uuid.UUID) string {
				return "failed to receive packet via multifd channel 0: " +
					"multifd: received channel id 2 is greater than number of channels 2"
			}},
		"twice": {
			func(vm uuid.UUID) [][]byte { return [][]byte{opening(vm, 1), opening(vm, 1)} },
			func(uuid.UUID) string { return "multifd: received id '1' already setup'" }},
	} {
		w := meet(t, lanesOf(t, 2))
		vm := uuid.UUID(w.m.LaneUUID())
		for _, first := range c.say(vm) {
			w.come(t, first)
		}
		<-w.done
		if _, lane := errors.AsType[LaneError](w.err); !lane || w.err.Error() != c.want(vm) {
			t.Errorf("%s: %v", name, w.err)
		}
	}
}

// A source whose channels have all come is cut off by a yank as well: who does so cannot know.
func TestYankOfABundle(t *testing.T) {
	w := meet(t, lanesOf(t, 1))
	main := w.come(t, binary.BigEndian.AppendUint32(nil, wire.Magic))
	w.come(t, opening(uuid.UUID(w.m.LaneUUID()), 0))
	<-w.done
	if w.err != nil {
		t.Fatal(w.err)
	}
	defer w.got.Close()
	w.gathering.Yank()
	if !channels.HungUp(main) {
		t.Error("it goes on")
	}
}
