package core

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/blocktest"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/wire"
	"qmpmigrate/core/wire/wiretest"
	"qmpmigrate/qapi"
)

const dirtyBitmaps = qapi.MigrationCapabilityDirtyBitmaps

// scribbler is a counter that writes to a disk, too.
type scribbler struct {
	*counter
	node *block.Node
	stop context.CancelFunc
	done sync.WaitGroup
}

func (s *scribbler) Start() error {
	if err := s.counter.Start(); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.done.Go(func() {
		for n := int64(0); ctx.Err() == nil; n++ {
			off := n * 4099 * 512 % s.node.Size()
			if _, err := s.node.WriteAt([]byte{byte(n) | 1}, off); err != nil {
				panic(err)
			}
		}
	})
	return nil
}

func (s *scribbler) Stop() {
	if s.stop != nil {
		s.stop()
		s.done.Wait()
		s.stop = nil
	}
	s.counter.Stop()
}

func (s *scribbler) Close() error { s.Stop(); return s.counter.Close() }

// newScribbler is a side whose guest writes to its disk, which has a bitmap at the source.
func newScribbler(t *testing.T, conf Config) (*side, *blocktest.Memory) {
	t.Helper()
	m := blocktest.NewMemory(5<<20 + 512)
	g := &scribbler{counter: newCounter(t, 300), node: m.Node("disk")}
	conf.Disks = &block.Graph{}
	if err := conf.Disks.AddNode(g.node); err != nil {
		t.Fatal(err)
	}
	conf.Disks.AddBackend(block.Backend{Name: "drive", Node: g.node})
	s := &side{counter: g.counter, events: &record{}, failed: make(chan error, 1)}
	conf.Events, conf.Failed = s.events, func(err error) { s.failed <- err }
	s.Machine = New(conf, "test-1.0", guest.Guest(g))
	t.Cleanup(func() {
		if err := s.Machine.Close(); err != nil {
			t.Error(err)
		}
	})
	if conf.Incoming {
		if err := conf.Disks.Inactivate(); err != nil {
			t.Fatal(err)
		}
	} else {
		addBitmap(s.Machine, "disk", "b", 64<<10)
	}
	if err := s.Launch(); err != nil {
		t.Fatal(err)
	}
	return s, m
}

func addBitmap(m *Machine, node, name string, granularity int64) *block.Bitmap {
	n := m.Disks().Node(node)
	b := block.NewBitmap(name, granularity, n.Size())
	b.SetState(func(s *block.State) { s.Enabled = true })
	n.AddBitmap(b)
	return b
}

// A guest that writes to its disk all the time moves with it, and with the bitmap of what it wrote.
func TestPairWithDisks(t *testing.T) {
	for _, incremental := range []bool{false, true} {
		src, here := newScribbler(t, Config{})
		dst, there := newScribbler(t, Config{Incoming: true, Paused: true})
		src.enable(t, dirtyBitmaps)
		src.set(t, qapi.MigrateSetParameters{DowntimeLimit: new(uint64(100000))})
		uri := dst.listen(t)
		if err := src.MigrateDisks(t.Context(), &qapi.MigrateArgs{URI: &uri}, incremental); err != nil {
			t.Fatal(err)
		}
		if s := src.wait(t); s != completed {
			t.Fatalf("%s", src.Migration().Info().AppendJSON(nil))
		}
		if s := dst.wait(t); s != completed {
			t.Fatalf("%s", dst.Migration().Info().AppendJSON(nil))
		}
		if !bytes.Equal(here.Bytes(), there.Bytes()) {
			t.Error("the disk has changed")
		}
		was, is := src.Disks().Node("disk").Bitmap("b"), dst.Disks().Node("disk").Bitmap("b")
		if is == nil || is.SHA256() != was.SHA256() || is.Count() == 0 || !is.State().Enabled || is.State().Busy || was.State().Busy {
			t.Errorf("bitmap: %v, %v", is, was)
		}
		dst.verify(t)
		if src.Migration().Info().Disk != nil {
			t.Error("disks still go")
		}
	}
}

// switchDisks lets disks migrate with the VM, or not.
func switchDisks(t *testing.T, m *Machine, value string) {
	t.Helper()
	if err := m.Migration().SetProperty("x-block", value); err != nil {
		t.Fatal(err)
	}
}

// What of the text monitor cannot go with properties.
func TestDisksAskedForTwice(t *testing.T) {
	src, _ := newScribbler(t, Config{})
	switchDisks(t, src.Machine, "on")
	uri := "unix:/nowhere"
	err := src.MigrateDisks(t.Context(), &qapi.MigrateArgs{URI: &uri}, true)
	if err == nil || err.Error() != "Command options are incompatible with current migration capabilities" {
		t.Error(err)
	}
}

// A bitmap that cannot go ends the migration with the reason, and the VM runs on.
func TestBitmapThatCannotGo(t *testing.T) {
	src, _ := newScribbler(t, Config{})
	dst, _ := newScribbler(t, Config{Incoming: true})
	addBitmap(src.Machine, "disk", "busy", 512).SetState(func(s *block.State) { s.Busy = true })
	src.enable(t, dirtyBitmaps)
	uri := dst.listen(t)
	if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	const want = "Bitmap 'busy' is currently in use by another operation and cannot be used"
	if got := src.reaches(t, qapi.MigrationStatusFailed); got != want {
		t.Error(got)
	}
	comes(t, dst.failed)
	if s := src.RunState(); s != qapi.RunStateRunning || src.Disks().Node("disk").Bitmap("b").State().Busy {
		t.Errorf("the VM is %s", s)
	}
	if len(dst.Disks().Node("disk").Bitmaps()) != 0 {
		t.Error("bitmaps are left at the destination")
	}
}

// bitmapChunks are a part of a script's section of dirty bitmaps.
func bitmapChunks(s script, kind wire.SectionType, chunks ...byte) script {
	const id = 5
	s = (&wire.SectionHeader{Type: kind, ID: id, IDStr: "dirty-bitmap", Version: wire.DirtyVersion}).Append(slices.Clip(s))
	return wire.AppendFooter(append(append(s, chunks...), byte(wire.DirtyEOS)), id)
}

func bitmapStart(name string, more ...byte) []byte {
	head := wire.AppendDirty(nil, wire.DirtyStart|wire.DirtyNode|wire.DirtyBitmap, "disk", name)
	return append(wire.AppendDirtyStart(head, 512, wire.DirtyEnabled), more...)
}

// unfollowed is a stream up to the end of ram's START, of a source whose RAM does not follow the VM.
func unfollowed() script {
	return wiretest.Header("test").Command(wire.CmdPostcopyAdvise).RAM("ram", scriptRAM)
}

// onlyBitmaps is a stream up to where nothing but bitmaps follows the VM.
func onlyBitmaps() script {
	s := unfollowed()
	s = bitmapChunks(s, wire.SectionStart, bitmapStart("one", bitmapStart("two")...)...)
	return s.Packaged(script(nil).Command(wire.CmdPostcopyListen).Device().Command(wire.CmdPostcopyRun))
}

// A VM that only bitmaps follow is here whatever becomes of them: those that are whole stay.
func TestBitmapsThatDoNotFollow(t *testing.T) {
	whole := wire.AppendDirty(nil, wire.DirtyComplete|wire.DirtyBitmap, "", "one")
	for name, rest := range map[string]script{
		"the end":         {},
		"no section":      {0xff},
		"pages":           script(nil).Pages("ram", 0, 1),
		"bad chunk":       bitmapChunks(nil, wire.SectionPart, 0x80),
		"a package again": script(nil).Packaged(body()),
	} {
		t.Run(name, func(t *testing.T) {
			m := newScripted(t)
			if err := m.Disks().AddNode(blocktest.NewMemory(1 << 20).Node("disk")); err != nil {
				t.Fatal(err)
			}
			node := m.Disks().Node("disk")
			stop := play(t, m.listen(t), bitmapChunks(onlyBitmaps(), wire.SectionPart, whole...).Then(rest...))
			p := &prover{Machine: m.Machine}
			if name == "the end" { // it comes once the bitmap is here
				p.reach(t, postcopyActive)
				await(t, m.Machine, "here with its bitmap", func(*qapi.MigrationInfo) bool {
					one := node.Bitmap("one")
					return one != nil && !one.State().Busy
				})
				stop()
			}
			p.reach(t, completed)
			if got := m.said(); !strings.Contains(got, "All states are migrated except dirty bitmaps.") {
				t.Errorf("reported %s", got)
			}
			if all := node.Bitmaps(); len(all) != 1 || all[0].Name() != "one" || !all[0].State().Enabled {
				t.Errorf("%d bitmaps", len(all))
			}
		})
	}
}

// A link that breaks under bitmaps which follow alone is not made anew: the VM is its destination's.
func TestFollowerOfBitmapsGone(t *testing.T) {
	src := newSide(t, 300, Config{})
	if err := src.Disks().AddNode(blocktest.NewMemory(1 << 30).Node("disk")); err != nil {
		t.Fatal(err)
	}
	b := addBitmap(src.Machine, "disk", "b", 512)
	src.enable(t, dirtyBitmaps)
	src.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(5000)), MaxPostcopyBandwidth: new(uint64(1000)), DowntimeLimit: new(uint64(1))})
	src.send(t, follower(t, true, turnOf{atRun, nil}))
	if err := src.MigrateStartPostcopy(t.Context()); err != nil {
		t.Fatal(err)
	}
	src.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(1e9))})
	if text := src.reaches(t, qapi.MigrationStatusFailed); text == "" {
		t.Error("no reason is told")
	}
	src.wait(t)
	if s := src.RunState(); s != qapi.RunStatePostmigrate || b.State().Busy {
		t.Errorf("the VM is %s", s)
	}
}

// Before the VM is here everything is still its source's.
func TestHostileDisks(t *testing.T) {
	disk := func(s script, kind wire.SectionType, record ...byte) script {
		s = (&wire.SectionHeader{Type: kind, ID: 6, IDStr: "block", Version: wire.BlockVersion}).Append(slices.Clip(s))
		return wire.AppendFooter(append(append(s, record...), wire.AppendBlock(nil, 0, wire.BlockEOS)...), 6)
	}
	piece := func(name string) []byte {
		return wire.AppendCounted(wire.AppendBlock(nil, 0, wire.BlockDevice|wire.BlockZero), name)
	}
	start := unfollowed()
	for want, data := range map[string]script{
		"Error unknown block device x":                                 disk(start, wire.SectionStart, piece("x")...),
		"CMD_POSTCOPY_RAM_DISCARD for RAM that does not follow the VM": start.Discard("ram", 0, 4096),
		"Bitmap with the same name ('one') already exists":             bitmapChunks(start, wire.SectionStart, bitmapStart("one", bitmapStart("one")...)...),
		"savevm: unsupported version 2 for 'dirty-bitmap' v1":          (&wire.SectionHeader{Type: wire.SectionStart, ID: 5, IDStr: "dirty-bitmap", Version: 2}).Append(slices.Clip(start)),
		"unsupported version 0 of the block section":                   (&wire.SectionHeader{Type: wire.SectionStart, ID: 5, IDStr: "block"}).Append(slices.Clip(start)),
		"Unknown block migration flags: 0x8":                           disk(start, wire.SectionStart, wire.AppendBlock(nil, 0, wire.BlockZero)...),
	} {
		m := newScripted(t)
		if err := m.Disks().AddNode(blocktest.NewMemory(1 << 20).Node("disk")); err != nil {
			t.Fatal(err)
		}
		play(t, m.listen(t), data)
		if got := comes(t, m.failed).Error(); !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
		if len(m.Disks().Node("disk").Bitmaps()) != 0 {
			t.Errorf("%s: bitmaps are left", want)
		}
	}
	// Disks do not come behind the VM that writes to them.
	m := newScripted(t)
	if err := m.Disks().AddNode(blocktest.NewMemory(1 << 20).Node("disk")); err != nil {
		t.Fatal(err)
	}
	data := disk(unfollowed(), wire.SectionStart)
	data = data.Packaged(script(nil).Command(wire.CmdPostcopyListen).Device().Command(wire.CmdPostcopyRun))
	play(t, m.listen(t), disk(data, wire.SectionPart, piece("disk")...))
	(&prover{Machine: m.Machine}).reach(t, completed)
	if got := m.said(); !strings.Contains(got, "disks behind the VM that writes to them") {
		t.Errorf("reported %s", got)
	}
}
