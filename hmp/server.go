package hmp

import (
	"context"
	"errors"
	"sync"

	"qmpmigrate/qapi"
)

// ErrStopped is what serving returns once the server was closed.
var ErrStopped = errors.New("the text monitor was stopped")

// Server has the commands that all monitors share. Its methods may be called from any goroutine.
type Server struct {
	config Config
	table  table

	ctx     context.Context // that of commands; ends with the server
	cancel  context.CancelFunc
	running sync.WaitGroup // serving calls, and waits for migrations

	mu       sync.Mutex
	closed   bool
	monitors []*Monitor
}

// New returns a server.
func New(config Config) *Server {
	if config.Exclusively == nil {
		config.Exclusively = func(ctx context.Context, f func()) error {
			f()
			return nil
		}
	}
	if config.Globals == nil {
		config.Globals = defaultGlobals
	}
	if config.MigrateDisks == nil {
		config.MigrateDisks = func(ctx context.Context, args *qapi.MigrateArgs, _ bool) error {
			return config.Commands.Migrate(ctx, args)
		}
	}
	if config.Preconfig == nil {
		config.Preconfig = func() bool { return false }
	}
	if config.Report == nil {
		config.Report = func(string) {}
	}
	s := &Server{config: config, table: commandTable()}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Close ends all sessions and waits that go on, and closes the descriptors that monitors hold. It returns when that is
// done, or with the context's error before. A command that runs is not interrupted, unless it heeds its context.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()

	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.running.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, m := range s.monitors {
			m.fds.Close()
		}
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin enters something that Close waits for; each call that succeeds is followed by one of s.running.Done.
func (s *Server) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrStopped
	}
	s.running.Add(1)
	return nil
}
