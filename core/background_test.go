package core

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
)

// fixedRAM is a little more than what copies are made of.
const fixedRAM = 20 << 20

// fixed is a guest that is sent as it is at one moment. It writes fast, but not so fast that it has used up all copies
// before anybody looks: where it waits then, it never writes to so many pages more.
func fixed(t *testing.T, apart bool) *prover {
	t.Helper()
	stress := memtest.NewStress()
	stress.Rate, stress.ZeroShare, stress.UpdateSize = 4<<20, 10, 64
	p := launched(t, Config{Board: Board{CPUs: 2}},
		memtest.Config{RAMSize: fixedRAM, VCPUs: 2, Workload: stress, Apart: apart})
	p.enable(t, qapi.MigrationCapabilityEvents, qapi.MigrationCapabilityBackgroundSnapshot)
	return p
}

// leave begins a migration, and gives the other end of its channel.
func (p *prover) leave(t *testing.T) net.Conn {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mig")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := p.Migrate(t.Context(), &qapi.MigrateArgs{URI: new("unix:" + path)}); err != nil {
		t.Fatal(err)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// writes waits until the guest has written to so many pages, a minute at most for another one.
func (p *prover) writes(t *testing.T, pages int) {
	t.Helper()
	const step = 4096
	generations := func() (list [fixedRAM / step]uint64) {
		for n := range list {
			var word [8]byte // how often the page was visited
			if err := p.ReadPhys(t.Context(), uint64(n*step+8), word[:]); err != nil {
				t.Fatal(err)
			}
			list[n] = binary.LittleEndian.Uint64(word[:])
		}
		return list
	}
	before, most := generations(), 0
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		changed := 0
		for n, g := range generations() {
			if g != before[n] {
				changed++
			}
		}
		if changed >= pages {
			return
		}
		if changed > most {
			most, deadline = changed, time.Now().Add(time.Minute)
		} else if time.Now().After(deadline) {
			t.Fatalf("the guest wrote to %d pages only", changed)
		}
	}
}

// load loads a stream and proves its memory.
func load(t *testing.T, stream string) {
	t.Helper()
	dst := launched(t, Config{Incoming: true, Board: Board{CPUs: 2}},
		memtest.Config{RAMSize: fixedRAM, VCPUs: 2, Workload: memtest.NewStress()})
	if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: new("file:" + stream)}); err != nil {
		t.Fatal(err)
	}
	dst.reach(t, completed)
	if s := dst.RunState(); s != qapi.RunStateRunning {
		t.Errorf("what was running is %s", s)
	}
	dst.verified(t, fixedRAM)
}

// What comes is the memory of the moment in which the VM stood, though the VM
// goes on and writes to more pages than copies are made of, and is stopped and
// started meanwhile. Afterwards it can be sent again.
func TestBackgroundSnapshot(t *testing.T) {
	eachEngine(t, func(t *testing.T, apart bool) {
		p := fixed(t, apart)
		for range 2 {
			conn, name := p.leave(t), filepath.Join(t.TempDir(), "stream")
			out, err := os.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.CopyN(out, conn, 2<<20); err != nil {
				t.Fatal(err)
			}
			// By now some wait, or are about to.
			p.writes(t, 3800)
			if err := p.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := p.Cont(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(out, conn); err != nil {
				t.Fatal(err)
			}
			out.Close()
			p.reach(t, completed)
			info := p.Migration().Info()
			if ram := info.RAM; ram.Normal+ram.Duplicate != fixedRAM/4096 || ram.Remaining != 0 || ram.DirtySyncCount != 0 {
				t.Errorf("%s", info.AppendJSON(nil))
			}
			p.writes(t, 1000)
			load(t, name)
		}
		if s := p.RunState(); s != qapi.RunStateRunning {
			t.Errorf("it is %s", s)
		}
		p.verified(t, fixedRAM)
		const once = "MIGRATION setup, MIGRATION active, STOP, RESUME, STOP, RESUME, MIGRATION completed"
		if got := p.events.String(); got != once+", "+once {
			t.Errorf("events: %s", got)
		}
	})
}

// However it ends, the VM goes on and nobody waits any more.
func TestBackgroundSnapshotEnds(t *testing.T) {
	for name, end := range map[string]struct {
		do   func(t *testing.T, p *prover, conn net.Conn)
		want qapi.MigrationStatus
	}{
		"cancel": {func(t *testing.T, p *prover, _ net.Conn) {
			if err := p.MigrateCancel(t.Context()); err != nil {
				t.Fatal(err)
			}
		}, cancelled},
		"broken": {func(_ *testing.T, _ *prover, conn net.Conn) { conn.Close() }, failed},
	} {
		t.Run(name, func(t *testing.T) {
			eachEngine(t, func(t *testing.T, apart bool) {
				p := fixed(t, apart)
				conn := p.leave(t)
				if _, err := io.CopyN(io.Discard, conn, 2<<20); err != nil {
					t.Fatal(err)
				}
				p.writes(t, 3800)
				end.do(t, p, conn)
				p.reach(t, end.want)
				p.writes(t, 4500)
				p.verified(t, fixedRAM)
			})
		})
	}
}

// What a device writes while the VM is sent is not in what comes.
func TestDeviceWritesAfterSnapshot(t *testing.T) {
	eachEngine(t, func(t *testing.T, apart bool) {
		p := launched(t, Config{Paused: true}, memtest.Config{RAMSize: fixedRAM, Workload: &memtest.Idle{}, Apart: apart})
		p.enable(t, qapi.MigrationCapabilityBackgroundSnapshot)
		if err := p.WritePhys(t.Context(), 0, bytes.Repeat([]byte("before"), fixedRAM/6)); err != nil {
			t.Fatal(err)
		}
		conn := p.leave(t)
		part := make([]byte, 4096)
		for p.reach(t, qapi.MigrationStatusActive); p.Migration().Info().RAM.Normal == 0; {
			// The moment is not over, so there is more to come than this.
			if _, err := io.ReadFull(conn, part[:1]); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.WritePhys(t.Context(), 18<<20, []byte("after!")); err != nil {
			t.Fatal(err)
		}
		rest, err := io.ReadAll(conn)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(rest, []byte("after!")) || bytes.Count(rest, []byte("before")) < fixedRAM/6-20000 {
			t.Errorf("what was written later is there, or what was written before is not: %d", bytes.Count(rest, []byte("before")))
		}
		p.reach(t, completed)
	})
}
