package interop

import (
	"slices"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// preemptions are the pairs of QEMUs, and machine types of both orders of the two channels.
func preemptions() []struct{ from, to, machine string } {
	return []struct{ from, to, machine string }{
		{"10.0", "10.0", "pc-i440fx-10.0"}, {"7.2", "10.0", "pc-i440fx-7.2"}, {"10.0", "7.2", "pc-q35-7.2"}, {"7.2", "7.2", "pc-q35-7.2"},
	}
}

// asked waits until so many pages were asked for, and lets the rest follow at once.
func asked(t *testing.T, src *emulator.Emulator, pages int64) {
	t.Helper()
	_, err := src.WaitMigrationUntil(t.Context(), "asked for pages", func(m emulator.Migration) bool {
		return m.RAM.PostcopyRequests >= pages
	})
	emulator.Must(t, err)
	emulator.Must(t, src.SetParameters(t.Context(), map[string]any{"max-postcopy-bandwidth": 0}))
}

// overtook checks that both connections, and no others, carried something.
func overtook(t *testing.T, proxy *emulator.Proxy) {
	t.Helper()
	proxy.Close()
	if passed := proxy.Passed(); len(passed) != 2 || slices.Min(passed) < 4096 {
		t.Errorf("on the connections passed %d bytes", passed)
	} else {
		t.Logf("%d bytes overtook %d", passed[1], passed[0])
	}
}

// A guest goes from one QEMU through an adopted machine to another one, both times by postcopy and with a
// channel of its own for what the destination asks for.
func TestPreemptThroughAdopt(t *testing.T) {
	for _, v := range preemptions() {
		t.Run(v.from+" "+v.to+" "+v.machine, func(t *testing.T) {
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.from), "source", v.machine, nil)
			middle := adopting(t)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.to), "destination", v.machine, nil, "-incoming", "defer")
			emulator.Must(t, src.WaitBooted(t.Context()))
			p := postcopy{moment: moments()[0], channel: emulator.TCP(), capabilities: []string{"postcopy-preempt"}}
			p.move(t, src, middle)
			proxy := &emulator.Proxy{}
			p.channel = proxy.Through()
			p.slowly = 1 << 20
			p.begin(t, middle, dst)
			asked(t, middle, 2)
			arrived(t, middle, dst)
			overtook(t, proxy)
			wentOn(t, src, dst)
		})
	}
}

// The same where one of the two channels breaks again and again, and both come back. Nothing is asked for by a
// machine that is parked here.
func TestPreemptRecoveryThroughAdopt(t *testing.T) {
	for i, v := range preemptions() {
		t.Run(v.from+" "+v.to+" "+v.machine, func(t *testing.T) {
			src := losing(t, v.from, v.machine)
			middle := adopting(t)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.to), "destination", v.machine, nil, "-incoming", "defer",
				"-trace", expressBegan, "-trace", expressWentOn)
			emulator.Must(t, src.WaitBooted(t.Context()))
			into := newOutage(t, uint64(i), src, middle)
			if strings.HasSuffix(v.machine, "7.2") {
				// A 10.0 that has the second channel early may still get that of a try which broke, beside that of the next
				// one, and ends when all is done.
				into.noHandshake = true
			}
			into.moved(3, "postcopy-preempt")
			out := newOutage(t, uint64(i), middle, dst)
			out.seen[0] = len(middle.Monitor.Events())
			out.preempted(5)
			wentOn(t, src, dst)
		})
	}
}

// Our own pair, whose guest proves its memory.
func TestPreemptRecoveryPair(t *testing.T) {
	for name, extra := range map[string][]string{
		"at the switchover": nil,
		"at setup":          {"-global", "migration.x-preempt-pre-7-2=on"},
	} {
		t.Run(name, func(t *testing.T) {
			src := stress(t, "source", "", extra...)
			dst := stress(t, "destination", "", append(extra, "-incoming", "defer")...)
			newOutage(t, 7, src, dst).preempted(10)
			proven(t, src)
			proven(t, dst)
		})
	}
}

// What a QEMU at the destination traces when its thread of the second channel reads, and reads again after a break.
const (
	expressBegan  = "postcopy_preempt_thread_entry"
	expressWentOn = "postcopy_pause_fast_load_continued"
)

// preempted is moved with a second channel, where every other cut is on that one.
//
// Most pages are asked for, so the cuts of the main channel come early: none may be behind its end. A real QEMU at
// the destination ends by faults of its own where a link breaks in two more places: before it has heard RESUME, if the
// second channel was there (it takes that one for the next one, which is not there yet), and before the thread that
// reads the second channel has begun to, which it traces.
func (o *outage) preempted(cuts int) {
	o.Helper()
	o.most = 1 << 20
	express := func(string, int) func() { return nil }
	if o.dst.Program.QEMU {
		o.noHandshake, o.least = true, 512<<10
		express = func(event string, times int) func() {
			return func() {
				if err := o.dst.WaitOutput(o.Context(), event, times); err != nil {
					o.Error(err)
				}
			}
		}
	}
	proxy := o.first()
	proxy.Ready = express(expressBegan, 1)
	// What nobody asks for follows so slowly that the guest has to ask.
	p := postcopy{capabilities: []string{"postcopy-preempt", "events"}, channel: proxy.Through(), moment: moments()[0], slowly: 8 << 20}
	p.begin(o.T, o.src, o.dst)
	for breaks := 1; cuts > 0; cuts, breaks = cuts-1, breaks+1 {
		o.paused()
		proxy.Close()
		o.Logf("cut at %d of %d, answers at %d", proxy.Cut, proxy.Lane, proxy.CutBack)
		if !proxy.WasCut() {
			o.Fatal("paused without a cut")
		}
		switch {
		case cuts == 1:
			proxy = &emulator.Proxy{}
		case cuts%2 == 0:
			proxy = &emulator.Proxy{Lane: 1, Cut: o.between(256<<10, 256<<10)}
		default:
			proxy = o.next()
		}
		proxy.Ready = express(expressWentOn, breaks)
		emulator.Must(o, proxy.Recover(o.Context(), o.src, o.dst))
	}
	emulator.Must(o, o.src.SetParameters(o.Context(), map[string]any{"max-postcopy-bandwidth": 0}))
	arrived(o.T, o.src, o.dst)
	proxy.Close()
}
