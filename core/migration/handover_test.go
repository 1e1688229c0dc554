package migration

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"

	"qmpmigrate/channels"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// wall is a channel to a destination that never says a word. hook sees what is
// written, and says whether that goes well.
type wall struct {
	hook func(p []byte) error
	over chan struct{}
	once sync.Once
}

func newWall(hook func([]byte) error) *wall { return &wall{hook: hook, over: make(chan struct{})} }

func (w *wall) Read([]byte) (int, error) { <-w.over; return 0, io.EOF }

func (w *wall) ReadVec([][]byte) (int, error) { return w.Read(nil) }

func (w *wall) Write(p []byte) (int, error) {
	select {
	case <-w.over:
		return 0, errors.New("it is over")
	default:
	}
	if err := w.hook(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (w *wall) WriteVec(iov [][]byte) (n int64, err error) {
	p := slices.Concat(iov...)
	_, err = w.Write(p)
	return int64(len(p)), err
}

func (w *wall) Shutdown() error { w.once.Do(func() { close(w.over) }); return nil }
func (w *wall) Close() error    { return w.Shutdown() }
func (w *wall) TwoWay() bool    { return true }
func (w *wall) String() string  { return "wall" }

// plain is a machine of one block.
type plain struct {
	guest.Machine
	block *memory.Block
}

func (p plain) Configuration() *savevm.Configuration {
	return &savevm.Configuration{Machine: "test-1.0"}
}
func (p plain) Blocks() []*memory.Block  { return []*memory.Block{p.block} }
func (p plain) Devices() []savevm.Device { return nil }
func (p plain) Description() []byte      { return nil }

// handing sends a machine by postcopy into a wall, and gives how that ended.
func handing(t *testing.T, hook func(m *Migration, p []byte) error) (*Migration, *outgoing) {
	t.Helper()
	block, err := memory.New("test.ram", 16*memory.PageSize)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { block.Close() })
	m, host := newStill()
	host.machine = plain{block: block}
	enable(t, m, "postcopy-ram")
	o, err := m.newOutgoing(channels.Address{})
	if err != nil {
		t.Fatal(err)
	}
	m.out = o
	o.advance(states.SourceStart)
	said(t, "start", m.StartPostcopy(), "")
	conn := newWall(func(p []byte) error { return hook(m, p) })
	o.connected(conn)
	m.outgoing.Go(func() { o.run(conn) })
	return m, o
}

// The VM is this machine's until the last element of the package is written.
func TestHandOver(t *testing.T) {
	run := wire.AppendCommand(nil, wire.CmdPostcopyRun, nil)
	broken := errors.New("the wall broke")
	for name, broke := range map[string]func(p []byte) bool{
		"before": func(p []byte) bool { return bytes.Contains(p, []byte("test-1.0")) },
		"in it":  func(p []byte) bool { return bytes.Contains(p, wire.AppendCommand(nil, wire.CmdPostcopyListen, nil)) },
		"last":   func(p []byte) bool { return bytes.Equal(p, run) },
	} {
		t.Run(name, func(t *testing.T) {
			_, o := handing(t, func(_ *Migration, p []byte) error {
				if broke(p) {
					return broken
				}
				return nil
			})
			<-o.done
			if status, err := o.state(); status != qapi.MigrationStatusFailed || !errors.Is(err, broken) || o.gone() {
				t.Errorf("%s, %v, gone %v", status, err, o.gone())
			}
		})
	}
}

// A cancel that comes while the VM is handed over is refused; before that it counts.
func TestCancelAtHandOver(t *testing.T) {
	run := wire.AppendCommand(nil, wire.CmdPostcopyRun, nil)
	refusal := make(chan error, 1)
	m, o := handing(t, func(m *Migration, p []byte) error {
		if bytes.Equal(p, run) {
			refusal <- m.Cancel()
		}
		return nil
	})
	said(t, "cancel", <-refusal, "Postcopy migration in progress, cannot cancel.")
	m.Close()
	if status, _ := o.state(); status != qapi.MigrationStatusCancelled || !o.gone() {
		t.Errorf("%s, gone %v", status, o.gone())
	}
	listen := wire.AppendCommand(nil, wire.CmdPostcopyListen, nil)
	_, o = handing(t, func(m *Migration, p []byte) error {
		if bytes.Contains(p, listen) {
			return m.Cancel()
		}
		return nil
	})
	<-o.done
	if status, _ := o.state(); status != qapi.MigrationStatusCancelled || o.gone() {
		t.Errorf("%s, gone %v", status, o.gone())
	}
}
