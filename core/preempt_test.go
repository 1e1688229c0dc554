package core

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
)

const preempt = qapi.MigrationCapabilityPostcopyPreempt

// middle is what stands between the two ends of a migration. It forwards the first connection.
type middle struct {
	to      string
	running sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
}

// newMiddle begins to serve; to is the path of the destination's socket, and second treats what comes after the
// first connection.
func newMiddle(t *testing.T, to string, second func(m *middle, near net.Conn)) (m *middle, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "relay")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	m = &middle{to: to}
	m.running.Go(func() {
		for n := 0; ; n++ {
			near, err := l.Accept()
			if err != nil {
				return
			}
			m.keep(near)
			if n == 0 {
				m.forward(near)
			} else {
				second(m, near)
			}
		}
	})
	t.Cleanup(func() {
		l.Close()
		m.mu.Lock()
		for _, c := range m.conns {
			c.Close()
		}
		m.mu.Unlock()
		m.running.Wait()
	})
	return m, path
}

func (m *middle) keep(c net.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conns = append(m.conns, c)
}

// dial makes a connection to the destination.
func (m *middle) dial() net.Conn {
	far, err := net.Dial("unix", m.to)
	if err != nil {
		return nil
	}
	m.keep(far)
	return far
}

func (m *middle) forward(near net.Conn) {
	far := m.dial()
	if far == nil {
		near.Close()
		return
	}
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		m.running.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			near.Close()
			far.Close()
		})
	}
}

// early gives a machine the order of old machine types.
func (p *prover) early(t *testing.T) {
	t.Helper()
	if err := p.Migration().SetProperty("x-preempt-pre-7-2", "on"); err != nil {
		t.Fatal(err)
	}
}

// preempting makes a pair of provers.
func preempting(t *testing.T, early bool) (src, dst *prover) {
	src, dst = newFollowed(t, false, false), newFollowed(t, true, false)
	for _, p := range []*prover{src, dst} {
		p.enable(t, preempt)
		if early {
			p.early(t)
		}
	}
	return src, dst
}

// requested waits until the destination has asked for pages, which its source sends on the second channel.
func (p *prover) requested(t *testing.T) {
	t.Helper()
	await(t, p.Machine, "asked for pages", func(i *qapi.MigrationInfo) bool { return i.RAM != nil && i.RAM.PostcopyRequests > 0 })
}

// fast lets the rest follow without a limit.
func (p *prover) fast(t *testing.T) {
	t.Helper()
	if err := p.MigrateSetParameters(t.Context(), &qapi.MigrateSetParameters{MaxPostcopyBandwidth: new(uint64(0))}); err != nil {
		t.Fatal(err)
	}
}

// inPostcopy waits until the guest runs at its destination.
func inPostcopy(t *testing.T, src, dst *prover) {
	t.Helper()
	src.reach(t, postcopyActive)
	dst.reach(t, postcopyActive)
	awaitRunning(t, dst.Machine)
}

func TestPreemptPair(t *testing.T) {
	for name, early := range map[string]bool{"at the switchover": false, "at setup": true} {
		t.Run(name, func(t *testing.T) {
			src, dst := preempting(t, early)
			src.begin(t, dst, 256<<10)
			inPostcopy(t, src, dst)
			src.requested(t)
			src.fast(t)
			src.reach(t, completed)
			dst.reach(t, completed)
			dst.proven(t)
		})
	}
}

// Both channels come back together.
func TestPreemptRecovered(t *testing.T) {
	for name, early := range map[string]bool{"at the switchover": false, "at setup": true} {
		t.Run(name, func(t *testing.T) {
			src, dst := preempting(t, early)
			src.begin(t, dst, 256<<10)
			for i := range 6 {
				inPostcopy(t, src, dst)
				cutter := []*prover{src, dst}[i%2]
				if err := cutter.MigratePause(t.Context()); err != nil {
					t.Fatal(err)
				}
				again(t, src, dst, func(path string) string { return path })
			}
			src.requested(t)
			src.fast(t)
			src.reach(t, completed)
			dst.reach(t, completed)
			dst.proven(t)
		})
	}
}

// again recovers over what way makes of the destination's socket.
func again(t *testing.T, src, dst *prover, way func(path string) string) {
	t.Helper()
	src.reach(t, postcopyPaused)
	dst.reach(t, postcopyPaused)
	path := filepath.Join(t.TempDir(), "again")
	if err := dst.MigrateRecover(t.Context(), &qapi.MigrateRecoverArgs{URI: "unix:" + path}); err != nil {
		t.Fatal(err)
	}
	uri := "unix:" + way(path)
	if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri, Resume: new(true)}); err != nil {
		t.Fatal(err)
	}
}

// A second channel that is not the source's, or breaks, pauses the migration at the worst: nothing is lost.
func TestHostilePreempt(t *testing.T) {
	for name, second := range map[string]func(m *middle, near net.Conn){
		"garbage": func(m *middle, _ net.Conn) {
			if far := m.dial(); far != nil {
				_, _ = far.Write([]byte(strings.Repeat("garbage", 1000)))
			}
		},
		"unknown block": func(m *middle, _ net.Conn) {
			if far := m.dial(); far != nil {
				_, _ = far.Write([]byte("\x00\x00\x00\x00\x00\x00\x00\x08\x07unknown"))
			}
		},
		"ends at once": func(m *middle, near net.Conn) {
			if far := m.dial(); far != nil {
				far.Close()
			}
		},
		"ends at the source": func(m *middle, near net.Conn) {
			m.dial()
			near.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			src, dst := preempting(t, false)
			src.beginOver(t, dst, 256<<10, func(path string) string {
				_, path = newMiddle(t, path, second)
				return path
			})
			again(t, src, dst, func(path string) string {
				_, path = newMiddle(t, path, func(m *middle, near net.Conn) { m.forward(near) })
				return path
			})
			src.fast(t)
			src.reach(t, completed)
			dst.reach(t, completed)
			dst.proven(t)
		})
	}
}

// A destination that has everything may have closed the second channel before the source ends it, as QEMU 8.0 and
// later do: what counts is its last word.
func TestPreemptClosedAtTheEnd(t *testing.T) {
	newIdle := func(incoming bool) *prover {
		p := launched(t, Config{Incoming: incoming}, memtest.Config{RAMSize: 4 << 20, Workload: &memtest.Idle{}})
		p.enable(t, qapi.MigrationCapabilityEvents, postcopyRAM, preempt)
		p.early(t)
		return p
	}
	src, dst := newIdle(false), newIdle(true)
	src.beginOver(t, dst, 0, func(path string) string {
		_, path = newMiddle(t, path, func(m *middle, near net.Conn) {
			m.dial()
			if err := near.(*net.UnixConn).CloseRead(); err != nil {
				t.Error(err)
			}
		})
		return path
	})
	dst.reach(t, completed)
	src.reach(t, completed)
}

// A second channel that never comes: the wait of the destination ends with whatever ends the migration.
func TestPreemptThatDoesNotCome(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, m *middle, src, dst *prover){
		"the source hangs up": func(t *testing.T, m *middle, _, _ *prover) {
			m.mu.Lock()
			defer m.mu.Unlock()
			for _, c := range m.conns {
				c.Close()
			}
		},
		"yank": func(t *testing.T, _ *middle, _, dst *prover) {
			yankMigration(t, dst.Machine)
		},
	} {
		t.Run(name, func(t *testing.T) {
			src, dst := preempting(t, false)
			var m *middle
			came := make(chan struct{})
			src.beginOver(t, dst, 256<<10, func(path string) string {
				m, path = newMiddle(t, path, func(*middle, net.Conn) { close(came) })
				return path
			})
			comes(t, came)
			src.reach(t, postcopyActive) // it has sent the package
			end(t, m, src, dst)
			dst.reach(t, qapi.MigrationStatusFailed)
		})
	}
}

// Nobody but the two channels of the source is let in.
func TestThirdConnection(t *testing.T) {
	src, dst := preempting(t, true)
	var at string
	src.beginOver(t, dst, 256<<10, func(path string) string { at = path; return path })
	inPostcopy(t, src, dst)
	if c, err := net.Dial("unix", at); err == nil {
		c.Close()
		t.Error("a third connection is let in")
	}
	src.fast(t)
	src.reach(t, completed)
	dst.reach(t, completed)
	dst.proven(t)
}
