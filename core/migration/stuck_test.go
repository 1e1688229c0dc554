package migration

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/migration/rate"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/qapi"
)

// late is a guest with a device whose state goes out only when the VM is stopped.
type late struct{ heap }

func (l *late) LiveDevices() []savevm.Live {
	return []savevm.Live{{IDStr: "late", Version: 1, Source: lump{}}}
}

// lump is the state of that device.
type lump struct{}

func (lump) Start(*stream.Writer, time.Time) error      { return nil }
func (lump) Pending() uint64                            { return 0 }
func (lump) Sync(time.Time) uint64                      { return 1 << 30 }
func (lump) Active() bool                               { return false }
func (lump) Iterate(*stream.Writer, func() int64) error { return nil }
func (lump) Complete(*stream.Writer) error              { return nil }
func (lump) Close()                                     {}

// Where too much is left that cannot be sent while the VM runs, a source waits:
// it looks again now and then, and when an option changes.
func TestTooMuchIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		block, err := memory.New("ram", 16*memory.PageSize)
		if err != nil {
			t.Fatal(err)
		}
		g := &late{heap{[]*memory.Block{block}}}
		t.Cleanup(func() { g.Close() })
		m, h := newStill()
		h.state, h.machine = qapi.RunStateRunning, guest.Native(g, savevm.Configuration{Machine: "late-1.0"})
		o, err := m.newOutgoing(channels.Address{Transport: channels.TransportSocket})
		if err != nil {
			t.Fatal(err)
		}
		here, there := net.Pipe()
		o.advance(states.SourceStart)
		o.connected(piped{here})
		go func() { _, _ = io.Copy(io.Discard, there) }()
		go o.run(piped{here})
		const span = 10 * time.Second
		time.Sleep(span) // virtual
		if s, _ := o.state(); s != qapi.MigrationStatusActive {
			t.Fatalf("the source is %s", s)
		}
		if n := o.stats.Syncs.Load(); n > uint64(span/rate.WindowLength)+3 {
			t.Errorf("%d passes in %s", n, span)
		}
		said(t, "parameter", m.SetParameters(&qapi.MigrateSetParameters{AvailSwitchoverBandwidth: new(uint64(1 << 40))}), "")
		ended(t, o, qapi.MigrationStatusCompleted)
		there.Close()
	})
}
