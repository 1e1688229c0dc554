package migration

import (
	"testing"

	"qmpmigrate/core/announce"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/savevm"
	"qmpmigrate/qapi"
)

// waking is a host whose VM does something as soon as it runs.
type waking struct {
	*still
	run func()
}

func (w *waking) IncomingLoaded(announce.Params) error { w.run(); return nil }

// What a VM writes as soon as it runs stays, also where memory was made ready for pages that did not come, and where
// nobody tells this process of its writes.
func TestWhatAVMWritesFirst(t *testing.T) {
	const pages, sent = 16 << 20 / memory.PageSize, 1500
	machine := func() (*memory.Block, guest.Machine) {
		block, err := memory.New("ram", pages*memory.PageSize)
		if err != nil {
			t.Fatal(err)
		}
		g := &heap{[]*memory.Block{block}}
		t.Cleanup(func() { g.Close() })
		return block, guest.Native(g, savevm.Configuration{Machine: "heap-1.0"})
	}
	from, source := machine()
	for i := range sent {
		from.Bytes()[i*memory.PageSize] = 1
	}
	from.Populate(0, sent)
	m, h := newStill()
	h.machine = source
	to, destination := machine()
	_, h = newStill()
	h.state, h.machine = qapi.RunStateInmigrate, destination
	dst := New(&waking{h, func() {
		for i := sent; i < pages; i++ {
			to.Bytes()[i*memory.PageSize] = 2
		}
	}})
	uri := "unix:" + t.TempDir() + "/s"
	said(t, "listen", dst.Listen(&qapi.MigrateIncomingArgs{URI: &uri}, links.Files{}), "")
	said(t, "migrate", m.Start(&qapi.MigrateArgs{URI: &uri}, links.Files{}), "")
	for _, end := range []*Migration{m, dst} {
		if err := end.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if info := end.Info(); *info.Status != qapi.MigrationStatusCompleted {
			t.Fatalf("%s", info.AppendJSON(nil))
		}
	}
	for i := range pages {
		want := byte(1)
		if i >= sent {
			want = 2
		}
		if got := to.Bytes()[i*memory.PageSize]; got != want {
			t.Fatalf("page %d has %d, not %d", i, got, want)
		}
	}
}
