package hmp

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"qmpmigrate/qapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a machine whose migration has the status that the test says.
type fake struct {
	Commands
	status atomic.Value
	quits  atomic.Int32
}

func (f *fake) Migrate(_ context.Context, args *qapi.MigrateArgs) error {
	if *args.URI == "bad" {
		return qapi.Errorf("no such place")
	}
	f.status.Store(qapi.MigrationStatusSetup)
	return nil
}

func (f *fake) QueryMigrate(context.Context) (*qapi.MigrationInfo, error) {
	info := new(qapi.MigrationInfo)
	if status, ok := f.status.Load().(qapi.MigrationStatus); ok {
		info.Status = &status
		if status == qapi.MigrationStatusFailed {
			info.ErrorDesc = new("it broke")
		}
	}
	return info, nil
}

func (f *fake) Quit(context.Context) error { f.quits.Add(1); return nil }

// peer is a client.
type peer struct {
	t    *testing.T
	conn net.Conn
	mu   sync.Mutex
	got  string
	done chan error // how serving ended
}

func connect(t *testing.T, m *Monitor) *peer {
	here, there := net.Pipe()
	p := &peer{t: t, conn: there, done: make(chan error, 1)}
	go func() { p.done <- m.ServeConn(context.Background(), here) }()
	go func() {
		buf := make([]byte, 1000)
		for {
			n, err := there.Read(buf)
			p.mu.Lock()
			p.got += string(buf[:n])
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return p
}

// expect waits until nothing moves any more, and compares what has come since the last time.
func (p *peer) expect(want string) {
	p.t.Helper()
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if got := strings.ReplaceAll(p.got, "\r\n", "\n"); got != want {
		p.t.Errorf("came %q, want %q", got, want)
	}
	p.got = ""
}

func (p *peer) send(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.conn, text); err != nil {
		p.t.Error(err)
	}
}

const banner = "QEMU 10.0.0 monitor - type 'help' for more information\n"

// testServer has a machine and what was reported.
func testServer() (s *Server, machine *fake, reports *[]string) {
	machine, reports = new(fake), new([]string)
	s = New(Config{
		Version: qapi.VersionInfo{QEMU: qapi.VersionTriple{Major: 10}}, Commands: machine,
		Report: func(text string) { *reports = append(*reports, text) },
	})
	return s, machine, reports
}

func TestSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, machine, _ := testServer()
		m := s.NewMonitor()
		p := connect(t, m)
		p.expect(banner + "(qemu) ")
		p.send("p 1\rp 2\n\nbogus\n")
		p.expect("p 1\n0x1\n(qemu) p 2\n0x2\n(qemu) \n(qemu) bogus\nunknown command: 'bogus'\n(qemu) ")
		p.send("info vers\t\x15info hist\t\n")
		p.mu.Lock()
		p.got = ""
		p.mu.Unlock()
		p.conn.Close()
		if err := <-p.done; err != nil {
			t.Error(err)
		}

		next := connect(t, m)
		next.expect(banner + "(qemu) ")
		next.send("info history\n")
		next.expect("info history\n0: 'p 1'\n1: 'p 2'\n2: 'bogus'\n3: 'info history '\n4: 'info history'\n(qemu) ")
		next.send("q\np 1\n")
		next.expect("q\n")
		if err := <-next.done; err != nil || machine.quits.Load() != 1 {
			t.Errorf("%v, %d times quit", err, machine.quits.Load())
		}
		s.Close(t.Context())
	})
}

func TestMigrateWithholdsThePrompt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, machine, reports := testServer()
		m := s.NewMonitor()
		p := connect(t, m)
		p.expect(banner + "(qemu) ")
		p.send("migrate bad\nmigrate -d good\nmigrate good\np 1\n")
		p.expect("migrate bad\nError: no such place\n(qemu) migrate -d good\n(qemu) migrate good\n")
		machine.status.Store(qapi.MigrationStatusActive)
		time.Sleep(10 * time.Second)
		p.expect("")
		machine.status.Store(qapi.MigrationStatusPreSwitchover)
		time.Sleep(pollMigration)
		p.expect("(qemu) p 1\n0x1\n(qemu) ")

		p.send("migrate good\n")
		p.expect("migrate good\n")
		p.conn.Close()
		<-p.done // waits for the migration no longer
		next := connect(t, m)
		next.expect(banner)
		machine.status.Store(qapi.MigrationStatusFailed)
		time.Sleep(pollMigration)
		next.expect("(qemu) ")
		if len(*reports) != 1 || (*reports)[0] != "it broke" {
			t.Errorf("reported %q", *reports)
		}
		s.Close(t.Context())
		if err := <-next.done; err != ErrStopped {
			t.Error(err)
		}
	})
}

func TestCloseEndsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, _ := testServer()
		p := connect(t, s.NewMonitor())
		p.send("migrate good\n")
		p.expect(banner + "(qemu) migrate good\n")
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-p.done; err != ErrStopped {
			t.Error(err)
		}
		if err := s.NewMonitor().ServeConn(t.Context(), p.conn.(io.ReadWriteCloser)); err != ErrStopped {
			t.Error(err)
		}
	})
}

func TestMigrateOnSingleLine(t *testing.T) {
	s, _, _ := testServer()
	defer s.Close(t.Context())
	const detached = "terminal does not allow synchronous migration, continuing detached\r\n"
	if got := s.Run(t.Context(), "migrate good", 0); got != detached {
		t.Errorf("%q", got)
	}
	if got := s.Run(t.Context(), "migrate -d good", 0); got != "" {
		t.Errorf("%q", got)
	}
}

func TestTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turn := make(chan struct{}, 1)
		s := New(Config{Commands: new(fake), Exclusively: func(ctx context.Context, f func()) error {
			select {
			case turn <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			defer func() { <-turn }()
			f()
			return nil
		}})
		turn <- struct{}{} // another command runs
		p := connect(t, s.NewMonitor())
		p.send("p 1\n")
		p.expect("QEMU 0.0.0 monitor - type 'help' for more information\n(qemu) p 1\n")
		<-turn
		p.expect("0x1\n(qemu) ")
		turn <- struct{}{}
		p.send("p 2\n")
		p.expect("p 2\n")
		s.Close(t.Context())
		<-p.done
	})
}
