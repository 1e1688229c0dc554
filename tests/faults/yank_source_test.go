package faults

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/tests/emulator"
)

// slow keeps a source busy for as long as a test likes.
func slow() map[string]any {
	return map[string]any{"max-bandwidth": 1 << 20, "downtime-limit": 0, "max-postcopy-bandwidth": 1 << 20}
}

// quick lets it go on until nobody takes what it sends.
func quick() map[string]any { return map[string]any{"max-bandwidth": 0, "max-postcopy-bandwidth": 0} }

// beginning migrates to a destination that stopped before.
func beginning(e *ends) {
	uri := e.way.listen(e)
	e.stops(e.dst)
	emulator.Must(e, e.src.MigrateTo(e.Context(), uri))
	e.reach(e.src, "setup")
}

// unplugging waits for the guest before anything is sent.
func unplugging(e *ends) {
	e.migrate()
	e.reach(e.src, "wait-unplug")
	e.stops(e.dst)
}

// active is where the destination stops in the midst of a precopy.
func active(e *ends) {
	e.set(slow())
	e.migrate()
	e.reach(e.src, "active")
	e.reach(e.dst, "active")
	e.stops(e.dst)
	e.set(quick())
	e.stuck()
}

// beforeSwitchover is where it stops when the source's VM stands already: at once, or when all went once.
func beforeSwitchover(parameters map[string]any) func(*ends) {
	return func(e *ends) {
		e.set(parameters)
		e.migrate()
		e.reach(e.src, "pre-switchover")
		e.drained(e.dst)
		e.stops(e.dst)
	}
}

func withAll() map[string]any {
	return map[string]any{"max-bandwidth": 1 << 20, "downtime-limit": 1000000}
}
func withRest() map[string]any { return map[string]any{"max-bandwidth": 0, "downtime-limit": 1} }

// switching is where the source is about to hand its VM over.
func switching(e *ends, parameters map[string]any) {
	beforeSwitchover(parameters)(e)
	emulator.Must(e, e.src.Execute(e.Context(), "migrate-continue", map[string]any{"state": "pre-switchover"}, nil))
	e.reach(e.src, "device")
}

// blocked is where nobody takes what it sends there.
func blocked(e *ends) {
	switching(e, withAll())
	if m := e.stuck(); m.RAM.Remaining == 0 {
		e.Fatal("all was sent")
	}
}

// unheard is where it waits for the destination's last word.
func unheard(e *ends) {
	switching(e, withRest())
	_, err := e.src.WaitMigrationUntil(e.Context(), "sent", func(m emulator.Migration) bool { return m.RAM.Remaining == 0 })
	emulator.Must(e, err)
	e.stuck()
}

// handedOver has the VM at its destination, and most of its memory here.
func handedOver(e *ends) {
	e.set(slow())
	e.migrate()
	emulator.Must(e, e.src.StartPostcopy(e.Context()))
	e.reach(e.src, "postcopy-active")
	e.reach(e.dst, "postcopy-active")
}

func postcopy(e *ends) {
	handedOver(e)
	e.stops(e.dst)
	e.set(quick())
	e.stuck()
}

func pausing(e *ends) {
	handedOver(e)
	emulator.Must(e, e.src.Execute(e.Context(), "migrate-pause", nil, nil))
	e.reach(e.src, "postcopy-paused")
	e.reach(e.dst, "postcopy-paused")
}

// recovering connects to a destination that lets nobody in any more.
func recovering(e *ends) {
	pausing(e)
	uri := "unix:" + filepath.Join(e.dst.Dir, "again")
	emulator.Must(e, e.dst.RecoverAt(e.Context(), uri))
	e.stops(e.dst)
	emulator.Must(e, e.src.Resume(e.Context(), uri))
	e.reach(e.src, "postcopy-recover")
}

// A stop is where a source is when its destination stops.
type stop struct {
	name         string
	capabilities []string
	reach        func(*ends)
	ends         string // the status after the yank
	ways         []way
}

func stops() []stop {
	const failed, paused = "failed", "postcopy-paused"
	tcp, exec, tls, lanes, tlsLanes := overTCP(), overExec(), overTLS(), overLanes(), overTLSLanes()
	pause := []string{"pause-before-switchover"}
	return []stop{
		{name: "setup", reach: beginning, ends: failed, ways: []way{tls, tlsLanes, overRDMA()}},
		{name: "wait-unplug", reach: unplugging, ends: failed, ways: []way{overTCP().carded(), overTLS().carded()}},
		{name: "active", reach: active, ends: failed,
			ways: []way{tcp, overUnix(), overFD(), overPipe(), exec, tls, lanes, tlsLanes, overRDMA(), tcp.answered()}},
		{name: "pre-switchover", capabilities: pause, reach: beforeSwitchover(withAll()), ends: failed,
			ways: []way{tcp, overPipe(), exec, tls, tlsLanes, overRDMA()}},
		{name: "device, blocked", capabilities: pause, reach: blocked, ends: failed,
			ways: []way{tcp, overPipe(), exec, tls, lanes, overRDMA()}},
		{name: "device, unheard", capabilities: pause, reach: unheard, ends: failed,
			ways: []way{tcp.answered(), tls.answered(), lanes.answered(), overRDMA().answered()}},
		{name: "postcopy-active", capabilities: []string{"postcopy-ram"}, reach: postcopy, ends: paused,
			ways: []way{tcp, overFD(), tls, overPreempt(), overRDMA()}},
		{name: "postcopy-recover", capabilities: []string{"postcopy-ram"}, reach: recovering, ends: paused, ways: []way{tcp, overPreempt()}},
	}
}

// A source whose destination reads nothing more is freed by a yank within a second, wherever it is: its VM runs on, or, where it
// is at its destination, the migration is paused.
func TestYankOfASource(t *testing.T) {
	for _, s := range stops() {
		for _, w := range s.ways {
			t.Run(s.name+" "+w.name, func(t *testing.T) {
				t.Parallel()
				e := w.launch(t, s.capabilities...)
				s.reach(e)
				e.cuttable(e.src, true)
				e.yanked(e.src, "MIGRATION", `"`+s.ends+`"`)
				if s.ends == "postcopy-paused" {
					return
				}
				runs(t, e.src)
				e.cuttable(e.src, false)
			})
		}
	}
}

// The same where nobody takes the connection.
func TestYankOfAConnect(t *testing.T) {
	for name, c := range map[string]struct {
		way
		uri func(*testing.T) string
	}{
		"tcp":   {overTCP(), func(t *testing.T) string { return full(t, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}, true) }},
		"unix":  {overUnix(), func(t *testing.T) string { return full(t, &unix.SockaddrUnix{Name: socketPath(t)}, true) }},
		"lanes": {overLanes(), func(t *testing.T) string { return full(t, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}, false) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := c.launch(t)
			emulator.Must(t, e.src.MigrateTo(t.Context(), c.uri(t)))
			e.reach(e.src, "setup")
			e.cuttable(e.src, true)
			e.yanked(e.src, "MIGRATION", `"failed"`)
			runs(t, e.src)
			e.cuttable(e.src, false)

			if name == "lanes" {
				return // they do not come back
			}
			e = c.launch(t, "postcopy-ram")
			pausing(e)
			emulator.Must(t, e.src.Yank(t.Context())) // there is nothing to cut
			emulator.Must(t, e.src.Resume(t.Context(), c.uri(t)))
			e.reach(e.src, "postcopy-recover-setup")
			e.yanked(e.src, "MIGRATION", `"postcopy-paused"`)
		})
	}
}

// A cancel waits for what the destination may say of the VM, a yank not for longer than without it.
func TestYankOfACancel(t *testing.T) {
	for _, w := range []way{overTCP().answered(), overTLS().answered(), overLanes().answered()} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			e := w.launch(t, "pause-before-switchover")
			unheard(e)
			from, before := len(e.src.Monitor.Events()), starving(e, e.src.PID(), os.Getpid())
			emulator.Must(t, e.src.Execute(t.Context(), "migrate_cancel", nil, nil))
			begin := time.Now()
			_ = e.src.Yank(t.Context()) // it may be over
			e.told(e.src, "MIGRATION", `"cancelled"`, from, before, begin)
			runs(t, e.src)
		})
	}
}

func socketPath(t *testing.T) string { return filepath.Join(t.TempDir(), "m") }

// full is where somebody listens who takes nobody: with a queue for one connection, which may be there already.
func full(t *testing.T, at unix.Sockaddr, already bool) (uri string) {
	t.Helper()
	family := unix.AF_INET
	if _, ok := at.(*unix.SockaddrUnix); ok {
		family = unix.AF_UNIX
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	emulator.Must(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	emulator.Must(t, unix.Bind(fd, at))
	emulator.Must(t, unix.Listen(fd, 0))
	name, err := unix.Getsockname(fd)
	emulator.Must(t, err)
	network, addr := "unix", ""
	switch name := name.(type) {
	case *unix.SockaddrUnix:
		addr = name.Name
	case *unix.SockaddrInet4:
		a := net.TCPAddr{IP: name.Addr[:], Port: name.Port}
		network, addr = "tcp", a.String()
	}
	if already {
		conn, err := net.Dial(network, addr)
		emulator.Must(t, err)
		t.Cleanup(func() { conn.Close() })
	}
	return network + ":" + addr
}
