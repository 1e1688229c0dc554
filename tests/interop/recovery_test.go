package interop

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// other makes the cuts come at other places than usual.
var other = flag.Uint64("seed", 0, "where connections are cut")

// An outage is the way of a migration by postcopy over a network that breaks again and again.
type outage struct {
	*testing.T
	random   *rand.Rand
	src, dst *emulator.Emulator
	seen     [2]int // events of both that were looked at
	pauses   int
	// QEMU does not survive every cut: as a destination none before its guest runs, and 7.2, at either end,
	// none before both have found out what is missing.
	lateOnly, noHandshake bool
	least, most           int64 // bytes of the stream between two cuts
	back                  int64 // bytes of what is answered, up to a cut in the bitmap of what has come
	// look, unless it is nil, is called in each pause with how many cuts are to come.
	look func(left int)
}

func newOutage(t *testing.T, seed uint64, src, dst *emulator.Emulator) *outage {
	return &outage{T: t, random: rand.New(rand.NewPCG(seed, *other)), src: src, dst: dst, least: 64 << 10, most: 12 << 20, back: 4000,
		lateOnly:    dst.Program.QEMU,
		noHandshake: src.Program.Name == "qemu-7.2" || dst.Program.Name == "qemu-7.2",
	}
}

// between returns a number of [least, least+most].
func (o *outage) between(least, most int64) int64 { return least + o.random.Int64N(most+1) }

// first is the proxy that the migration begins with: cut at a byte behind the start of postcopy.
func (o *outage) first() *emulator.Proxy {
	switch {
	case o.lateOnly:
		return &emulator.Proxy{MarkBack: emulator.DevicesLoaded(), Cut: o.between(o.least, o.most)}
	case o.random.IntN(3) == 0:
		return &emulator.Proxy{Mark: emulator.PackageSent(), CutBack: o.between(1, 15)} // two answers to pings are sure
	}
	return &emulator.Proxy{Mark: emulator.PackageSent(), Cut: o.between(1, o.most)}
}

// next is one for a try to recover: cut while the ends find out what is missing, or behind that.
func (o *outage) next() *emulator.Proxy {
	switch o.random.IntN(4) {
	case 0:
		if !o.noHandshake {
			return &emulator.Proxy{CutBack: o.between(1, o.back)} // in the bitmap of what has come
		}
	case 1:
		if !o.noHandshake {
			return &emulator.Proxy{Cut: o.between(1, 100)}
		}
	}
	return &emulator.Proxy{Cut: o.between(o.least, o.most)}
}

// paused waits until both ends have noticed the cut.
func (o *outage) paused() {
	o.Helper()
	for i, e := range []*emulator.Emulator{o.src, o.dst} {
		_, err := e.Monitor.WaitEvent(o.Context(), o.seen[i], "MIGRATION", func(event emulator.Event) bool {
			return strings.Contains(string(event.Data), `"postcopy-paused"`)
		})
		emulator.Must(o, err)
		_, err = e.WaitMigration(o.Context(), "postcopy-paused")
		emulator.Must(o, err)
		o.seen[i] = len(e.Monitor.Events())
	}
	o.pauses++
	letGo(o.T, o.src, o.pauses)
}

// losing launches the source of a migration whose links will break.
func losing(t *testing.T, version, machine string) *emulator.Emulator {
	t.Helper()
	var args []string
	if version == "7.2" {
		args = []string{"-trace", letGoEvent}
	}
	return emulator.LaunchGuest(t, emulator.NeedQEMU(t, version), "source", machine, nil, args...)
}

// letGoEvent is what a QEMU 7.2 traces when its thread of the return path has let go of a link.
const letGoEvent = "postcopy_pause_return_path"

// letGo waits until a source has let go of so many links that broke. That a QEMU 7.2 is in the pause does not mean that its
// thread of the return path has noticed: it closes whatever link there is by then, and QEMU ends or hangs.
func letGo(t *testing.T, src *emulator.Emulator, links int) {
	t.Helper()
	if src.Program.Name == "qemu-7.2" {
		emulator.Must(t, src.WaitOutput(t.Context(), letGoEvent, links))
	}
}

// moved moves the guest with so many cuts in between.
func (o *outage) moved(cuts int, capabilities ...string) {
	o.Helper()
	proxy := o.first()
	p := postcopy{capabilities: append(capabilities, "events"), channel: proxy.Through(), moment: moments()[0]}
	p.begin(o.T, o.src, o.dst)
	for ; cuts > 0; cuts-- {
		o.paused()
		proxy.Close()
		o.Logf("cut at %d, answers at %d", proxy.Cut, proxy.CutBack)
		if !proxy.WasCut() {
			o.Fatal("paused without a cut")
		}
		if o.look != nil {
			o.look(cuts - 1)
		}
		proxy = o.next()
		if cuts == 1 {
			proxy = &emulator.Proxy{}
		}
		emulator.Must(o, proxy.Recover(o.Context(), o.src, o.dst))
	}
	arrived(o.T, o.src, o.dst)
	proxy.Close()
}

// The harness itself: QEMU to QEMU.
func TestRecoveryDirect(t *testing.T) {
	for i, v := range []struct{ from, to, machine string }{
		{"10.0", "10.0", "pc-i440fx-10.0"}, {"7.2", "7.2", "pc-i440fx-7.2"},
	} {
		t.Run(v.from+" "+v.to, func(t *testing.T) {
			src := losing(t, v.from, v.machine)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.to), "destination", v.machine, nil, "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(t.Context()))
			newOutage(t, uint64(i), src, dst).moved(5)
			wentOn(t, src, dst)
		})
	}
}

// QEMU to qmpmigrate and on into QEMU, both over a network that breaks.
func TestRecoveryThroughAdopt(t *testing.T) {
	for i, v := range []struct{ from, to, machine string }{
		{"10.0", "10.0", "pc-i440fx-10.0"}, {"7.2", "7.2", "pc-i440fx-7.2"},
	} {
		t.Run(v.from+" "+v.to, func(t *testing.T) {
			src := losing(t, v.from, v.machine)
			middle := adopting(t)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.to), "destination", v.machine, nil, "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(t.Context()))
			newOutage(t, uint64(i), src, middle).moved(5)
			emulator.Must(t, emulator.SameRAM(t.Context(), src, middle, emulator.GuestMemory))
			on := newOutage(t, uint64(i), middle, dst)
			on.seen[0] = len(middle.Monitor.Events())
			on.moved(5)
			wentOn(t, src, dst)
		})
	}
}

// sameInPauses holds what both ends of a migration have in one pause against what they have in a later one: no
// recovery may leave anything behind. Memory is not compared, as that of the guest comes meanwhile.
func sameInPauses(t *testing.T, src, dst *emulator.Emulator, first, last int) (look func(left int)) {
	var before [2]holding
	return func(left int) {
		for i, e := range []*emulator.Emulator{src, dst} {
			switch left {
			case first:
				before[i] = held(t, e)
			case last:
				settled(t, e, before[i], func(now holding) bool {
					now.ResidentKiB = 0
					return !now.exceeds(before[i])
				})
			}
		}
	}
}

// Our own pair, whose guest writes at random and never stops: fifty cuts of one migration.
func TestFiftyCuts(t *testing.T) {
	for _, accel := range []string{"soft", "uffd"} {
		t.Run(accel, func(t *testing.T) {
			args := []string{"-machine", "memtest,workload=stress,zero=0", "-accel", accel, "-m", "160", "-smp", "2", "-nodefaults"}
			src := emulator.Launch(t, emulator.NeedServer(t), "source", args...)
			dst := emulator.Launch(t, emulator.NeedServer(t), "destination", append(args, "-incoming", "defer")...)
			o := newOutage(t, 50, src, dst)
			o.most = 1 << 20
			o.look = sameInPauses(t, src, dst, 40, 0)
			o.moved(50)
			running(t, dst)
			for _, e := range []*emulator.Emulator{src, dst} {
				var v verification
				emulator.Must(t, e.Execute(t.Context(), "x-verify-memory", nil, &v))
				if v.Faulty != 0 || v.Pages != 160<<20/4096 {
					t.Errorf("%s: of %d pages %d are faulty: %+v", e.Name, v.Pages, v.Faulty, v.Faults)
				}
			}
		})
	}
}
