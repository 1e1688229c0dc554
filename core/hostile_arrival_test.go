package core

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/core/wire"
	"qmpmigrate/core/wire/wiretest"
	"qmpmigrate/qapi"
)

// script is what a source in postcopy sends.
type script = wiretest.Script

const scriptRAM = 16 * 4096

func opening() script { return wiretest.Opening("test", "ram", scriptRAM) }

// body is a whole package.
func body() script {
	return script(nil).Command(wire.CmdPostcopyListen).Device().Command(wire.CmdPing, 0, 0, 0, 3).Command(wire.CmdPostcopyRun)
}

// scripted is a machine that adopts what a script sends.
type scripted struct {
	*Machine
	failed  chan error
	mu      sync.Mutex
	reports []string
}

func newScripted(t *testing.T, capabilities ...qapi.MigrationCapability) *scripted {
	t.Helper()
	s := &scripted{failed: make(chan error, 1)}
	s.Machine = NewRelay(Config{Incoming: true, Failed: func(err error) { s.failed <- err }, Report: func(text string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.reports = append(s.reports, text)
	}}, adopt.New())
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	(&prover{Machine: s.Machine}).enable(t, capabilities...)
	return s
}

func (s *scripted) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.reports, "; ")
}

// forget makes said begin anew.
func (s *scripted) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports = nil
}

// play sends data to uri. The connection stays open until the test ends or stop is called; what is answered is lost.
func play(t *testing.T, uri string, data script) (stop func()) {
	t.Helper()
	return perform(t, uri, data, func(net.Conn) {})
}

// playAll is play by a source that ends behind data.
func playAll(t *testing.T, uri string, data script) {
	t.Helper()
	perform(t, uri, data, func(c net.Conn) { _ = c.(*net.UnixConn).CloseWrite() })
}

// perform is play with something that is done behind data.
func perform(t *testing.T, uri string, data script, behind func(net.Conn)) (stop func()) {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "unix", strings.TrimPrefix(uri, "unix:"))
	if err != nil {
		t.Fatal(err)
	}
	var talk sync.WaitGroup
	talk.Go(func() { _, _ = io.Copy(io.Discard, conn) })
	talk.Go(func() {
		_, _ = conn.Write(data)
		behind(conn)
	})
	stop = sync.OnceFunc(func() { conn.Close(); talk.Wait() })
	t.Cleanup(stop)
	return stop
}

func (s *scripted) listen(t *testing.T) string {
	t.Helper()
	uri := "unix:" + filepath.Join(t.TempDir(), "mig")
	if err := s.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	return uri
}

// Sources that are wrong before the VM could run are refused with the reason.
func TestHostileArrivals(t *testing.T) {
	short := script(nil).Command(wire.CmdPostcopyListen)
	for want, data := range map[string]script{
		"Failed to find block 'none'":                          opening().Discard("none", 0, 4096),
		"Overrun block 'ram'":                                  opening().Discard("ram", 0, scriptRAM+4096),
		"Overrun block 'ram' (184467440":                       opening().Discard("ram", ^uint64(0)&^4095, 8192),
		"Unaligned start address: 0x1":                         opening().Discard("ram", 1, 4096),
		"Unaligned length: 1":                                  opening().Discard("ram", 0, 1),
		"CMD_POSTCOPY_ADVISE in wrong postcopy state (1)":      opening().Advise(4096, 4096),
		"CMD_POSTCOPY_LISTEN outside of a package":             opening().Command(wire.CmdPostcopyListen),
		"CMD_POSTCOPY_RUN in wrong postcopy state (1)":         opening().Command(wire.CmdPostcopyRun),
		"CMD_POSTCOPY_RUN in wrong postcopy state (2)":         opening().Discard("ram", 0, 4096).Packaged(script(nil).Command(wire.CmdPostcopyRun)),
		"Unreasonably large packaged state: 4294967295":        opening().Command(wire.CmdPackaged, 255, 255, 255, 255),
		"package, at offset":                                   append(opening().Command(wire.CmdPackaged, 0, 1, 0, 0), 0),
		"the package ended before the VM could run":            opening().Packaged(append(slices.Clip(short), 0)),
		"section header, at offset":                            opening().Packaged(short),
		"Unknown savevm section type 255":                      opening().Packaged(append(slices.Clip(short), 255)),
		"a package stands in a package":                        opening().Packaged(script(nil).Packaged(body())),
		"stands where none of its kind can":                    opening().Packaged((&wire.SectionHeader{Type: wire.SectionStart, ID: 9, IDStr: "ram", Version: 4}).Append(nil)),
		"Unknown savevm section 1":                             opening().Packaged(script(nil).Pages("ram", 0, 1)),
		"RAM between the discards and the VM that it follows":  opening().Discard("ram", 0, 4096).Pages("ram", 0, 1),
		"CMD_POSTCOPY_RAM_DISCARD invalid length (2)":          opening().Command(wire.CmdPostcopyRAMDiscard, 0, 0),
		"CMD_POSTCOPY_RAM_DISCARD in wrong postcopy state (3)": opening().Packaged(short.Discard("ram", 0, 4096)),
	} {
		t.Run(want, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			m := newScripted(t, postcopyRAM)
			uri := m.listen(t)
			if strings.Contains(want, "offset") { // the end counts
				playAll(t, uri, data)
			} else {
				play(t, uri, data)
			}
			got := comes(t, m.failed).Error()
			runtime.ReadMemStats(&after)
			if !strings.Contains(got, want) {
				t.Errorf("got %s", got)
			}
			if s := *m.Migration().Info().Status; s != qapi.MigrationStatusFailed {
				t.Errorf("it is %s", s)
			}
			if cost := after.TotalAlloc - before.TotalAlloc; cost > slack {
				t.Errorf("%d bytes were allocated", cost)
			}
		})
	}
}

// What both ends must agree about.
func TestAdvise(t *testing.T) {
	start := wiretest.Header("test")
	for _, c := range []struct {
		want string
		on   bool
		data script
	}{
		{"RAM postcopy is enabled but have 0 byte advise", true, start.Command(wire.CmdPostcopyAdvise)},
		{"RAM postcopy is disabled but have 16 byte advise", false, start.Advise(4096, 4096)},
		{"CMD_POSTCOPY_ADVISE invalid length (1)", true, start.Command(wire.CmdPostcopyAdvise, 1)},
		{"Postcopy needs matching target page sizes (s=8192 d=4096)", true, start.Advise(4096, 8192)},
		{"CMD_POSTCOPY_LISTEN in wrong postcopy state (0)", true, start.Packaged(body())},
		{"CMD_POSTCOPY_LISTEN received with no return path", true, start.Advise(4096, 4096).Packaged(body())},
	} {
		var on []qapi.MigrationCapability
		if c.on {
			on = append(on, postcopyRAM)
		}
		m := newScripted(t, on...)
		play(t, m.listen(t), c.data)
		if got := comes(t, m.failed).Error(); !strings.Contains(got, c.want) {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	dst := newProver(t, true)
	failed := make(chan error, 1)
	dst.conf.Failed = func(err error) { failed <- err }
	uri := "unix:" + filepath.Join(t.TempDir(), "mig")
	if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	play(t, uri, wiretest.Header("memtest").Advise(0x201000, 4096))
	if got := comes(t, failed).Error(); !strings.Contains(got, "Postcopy needs matching RAM page sizes (s=201000 d=1000)") {
		t.Errorf("got %s", got)
	}
}

// Once the VM is here nothing that its source does loses it: it waits for one
// that does better.
func TestHostileFollowers(t *testing.T) {
	m := newScripted(t, postcopyRAM)
	p := &prover{Machine: m.Machine}
	paused := func(reason string) {
		t.Helper()
		p.reach(t, postcopyPaused)
		if got := m.said(); !strings.Contains(got, reason) {
			t.Errorf("reported %s, want %s", got, reason)
		}
		if info := m.Migration().Info(); info.ErrorDesc != nil {
			t.Errorf("error %s", *info.ErrorDesc)
		}
	}
	n := 0
	again := func(data script) (stop func()) {
		t.Helper()
		n++
		uri := "unix:" + filepath.Join(t.TempDir(), "again")
		if err := m.MigrateRecover(t.Context(), &qapi.MigrateRecoverArgs{URI: uri}); err != nil {
			t.Fatal(err)
		}
		return play(t, uri, data)
	}
	arrival := opening().Discard("ram", 0, scriptRAM).Packaged(body())
	if err := m.MigrateRecover(t.Context(), &qapi.MigrateRecoverArgs{URI: "unix:/x"}); err == nil ||
		err.Error() != "Migrate recover can only be run when postcopy is paused." {
		t.Error(err)
	}
	play(t, m.listen(t), arrival.Pages("ram", 0, 3).Command(77))
	paused("MIG_CMD 0x4d unknown")
	bitmap := script(nil).Command(wire.CmdRecvBitmap, wire.AppendCounted(nil, "ram")...)
	resume := bitmap.Command(wire.CmdPostcopyResume)
	for reason, data := range map[string]script{
		"Unknown savevm section type 81":                 opening(), // with a header
		"block 'rom' not found":                          script(nil).Command(wire.CmdRecvBitmap, wire.AppendCounted(nil, "rom")...),
		"invalid payload length (4)":                     script(nil).Command(wire.CmdRecvBitmap, 9, 'r', 'a', 'm'),
		"failed to read block name":                      script(nil).Command(wire.CmdRecvBitmap, 0, 0),
		"CMD_POSTCOPY_ADVISE in wrong postcopy state":    script(nil).Advise(4096, 4096),
		"CMD_POSTCOPY_LISTEN in wrong postcopy state":    resume.Command(wire.CmdPostcopyListen),
		"Illegal RAM offset 10000":                       resume.Pages("ram", 16, 1),
		"stands where none of its kind can":              resume.Device(),
		"CMD_POSTCOPY_LISTEN in wrong postcopy state (4": resume.Packaged(body()),
		"the source has ended, and 45056 bytes":          append(resume.Pages("ram", 3, 2), 0),
	} {
		m.forget() // one reason may contain another
		again(data)
		for end := time.Now().Add(time.Minute); !strings.Contains(m.said(), reason); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("reported %s, want %s", m.said(), reason)
			}
		}
		paused(reason)
	}
	play2 := again(append(resume.Pages("ram", 0, 16), 0))
	defer play2()
	p.reach(t, completed)
}

// A source that does nothing any more holds up nobody: the machine can be
// closed, and whoever waits for memory is freed.
func TestSilentSource(t *testing.T) {
	for name, data := range map[string]script{
		"before the package": opening(),
		"in the package":     opening().Command(wire.CmdPackaged, 0, 0, 1, 0),
		"after it":           opening().Discard("ram", 0, scriptRAM).Packaged(body()),
		"in a page":          append(opening().Discard("ram", 0, scriptRAM).Packaged(body()), script(nil).Pages("ram", 0, 2)[:5000]...),
	} {
		t.Run(name, func(t *testing.T) {
			m := newScripted(t, postcopyRAM)
			play(t, m.listen(t), data)
			p := &prover{Machine: m.Machine}
			if !strings.HasPrefix(name, "a") && !strings.HasSuffix(name, "a page") {
				p.reach(t, qapi.MigrationStatusActive)
				return
			}
			p.reach(t, postcopyActive)
			looked := make(chan error, 1)
			go func() { looked <- m.ReadPhys(context.Background(), 4096*8, make([]byte, 1)) }()
			time.AfterFunc(time.Millisecond, func() { m.Close() })
			if err := comes(t, looked); err == nil {
				t.Error("memory that never came was read")
			}
		})
	}
}
