package conduct

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/digitalocean/go-qemu/qmp"

	"qmpmigrate/cmd/qmpmigrate/monitor"
)

// peer is a QMP monitor that plays one side of a migration. What it is asked
// and how it answers is the test's.
type peer struct {
	answer func(command string, args map[string]any) (any, error)

	mu       sync.Mutex
	commands []string
	events   chan qmp.Event
	gone     chan struct{}
	leave    func()
}

func newPeer(answer func(command string, args map[string]any) (any, error)) *peer {
	p := &peer{answer: answer, events: make(chan qmp.Event), gone: make(chan struct{})}
	p.leave = sync.OnceFunc(func() {
		close(p.gone)
		close(p.events)
	})
	return p
}

func (p *peer) Connect() error { return nil }

func (p *peer) Disconnect() error {
	p.leave()
	return nil
}

func (p *peer) Events(context.Context) (<-chan qmp.Event, error) { return p.events, nil }

// errSilence is an answer that never comes.
var errSilence = errors.New("")

// Run behaves as a monitor.Monitor does, also when the connection ends.
func (p *peer) Run(request []byte) ([]byte, error) {
	var r struct {
		Execute   string         `json:"execute"`
		Arguments map[string]any `json:"arguments"`
	}
	if err := json.Unmarshal(request, &r); err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.commands = append(p.commands, r.Execute)
	p.mu.Unlock()
	result, err := p.answer(r.Execute, r.Arguments)
	if err == errSilence {
		<-p.gone
	}
	select {
	case <-p.gone:
		return nil, monitor.ErrEnded
	default:
	}
	if err != nil {
		return nil, &monitor.Error{Class: "GenericError", Desc: err.Error()}
	}
	if result == nil {
		result = struct{}{}
	}
	return json.Marshal(map[string]any{"return": result})
}

// asked gives the commands so far, without the queries that tell how it goes or
// what the machine is.
func (p *peer) asked() (list []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.commands {
		switch c {
		case "query-migrate", "qom-get", "query-memory-size-summary", "query-cpus-fast":
		default:
			list = append(list, c)
		}
	}
	return list
}

// endpoint connects to p.
func (p *peer) endpoint(t *testing.T, name string) *Endpoint {
	t.Helper()
	e, err := New(context.Background(), name, p)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// script answers query-migrate with one status after the other, beginning
// behind the command that starts the migration on that side; the last one
// stays. A status may carry a reason: "failed: no memory". Every other command
// is obeyed, and migrate_cancel ends the script.
type script struct {
	start    string // command
	statuses []string
	// on answers a command differently.
	on map[string]func(args map[string]any) (any, error)

	mu      sync.Mutex
	started bool
	at      int
}

func (s *script) answer(command string, args map[string]any) (any, error) {
	if f := s.on[command]; f != nil {
		result, err := f(args)
		if result != nil || err != nil {
			return result, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch command {
	case s.start:
		s.started = true
	case "migrate_cancel":
		s.statuses, s.at = []string{"cancelling", StatusCancelled}, 0
	case "query-migrate":
		if s.started {
			return s.next(), nil
		}
	case "query-status":
		return map[string]any{"status": "running"}, nil
	}
	return nil, nil
}

func (s *script) next() any {
	var status, reason string
	fmt.Sscanf(s.statuses[s.at], "%s", &status)
	if n := len(status); status[n-1] == ':' {
		status, reason = status[:n-1], s.statuses[s.at][n+1:]
	}
	s.at = min(s.at+1, len(s.statuses)-1)
	answer := map[string]any{"status": status}
	if reason != "" {
		answer["error-desc"] = reason
	}
	if s.start == "migrate" {
		answer["ram"] = map[string]any{"total": 1 << 20, "transferred": s.at * 1000, "dirty-sync-count": 1, "page-size": 4096}
	} else if status == "setup" {
		answer["socket-address"] = []any{map[string]any{"type": "inet", "host": "127.0.0.1", "port": "4711"}}
	}
	return answer
}

// couple is a scripted migration.
type couple struct {
	from, to script
	src, dst *peer
}

func newCouple(source, destination []string) *couple {
	c := &couple{
		from: script{start: "migrate", statuses: source, on: map[string]func(map[string]any) (any, error){}},
		to:   script{start: "migrate-incoming", statuses: destination, on: map[string]func(map[string]any) (any, error){}},
	}
	c.src, c.dst = newPeer(c.from.answer), newPeer(c.to.answer)
	return c
}

// migrate conducts it.
func (c *couple) migrate(t *testing.T, ctx context.Context, o Options) (Result, error) {
	t.Helper()
	o.Source, o.Destination = c.src.endpoint(t, "source"), c.dst.endpoint(t, "destination")
	defer o.Source.Close()
	defer o.Destination.Close()
	return Migrate(ctx, o)
}

// leaves answers a command by the end of the process.
func leaves(p **peer) func(map[string]any) (any, error) {
	return func(map[string]any) (any, error) {
		(*p).leave()
		return nil, errSilence
	}
}

// refuses answers a command with an error.
func refuses(desc string) func(map[string]any) (any, error) {
	return func(map[string]any) (any, error) { return nil, errors.New(desc) }
}
