package qmp

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/passfd"
)

// ErrStopped is what serving returns once the server was stopped.
var ErrStopped = errors.New("the QMP server was stopped")

// Config is what a Server needs to know.
type Config struct {
	// Version is shown in the greeting and by query-version.
	Version qapi.VersionInfo
	// Quit does what the command quit does before its reply is sent, such as emitting SHUTDOWN. nil: nothing.
	Quit func(ctx context.Context) error
	// Now stamps events; nil: time.Now.
	Now func() time.Time
	// Policy is for what is deprecated or unstable.
	Policy qapi.Policy
}

// Server holds what all monitors share: the commands, the turn to run one, and the listeners to events.
// It implements qapi.EventSink, and qapi.ControlCommands and qapi.FDCommands, which are in its table from the start.
type Server struct {
	config    Config
	commands  commandTable
	preconfig atomic.Bool
	events    broadcaster
	fdsets    passfd.Sets

	turn     chan struct{} // full while an in-band command runs
	stopping chan struct{} // closed by Stop
	stop     func()

	ctx    context.Context // that of commands; ends with the server
	cancel context.CancelFunc

	mu       sync.Mutex
	closed   bool
	monitors []*Monitor
	sessions map[*session]struct{}
	running  sync.WaitGroup // monitors' serving calls
}

// NewServer returns a server that knows the commands of the modules control and fd.
func NewServer(config Config) *Server {
	if config.Now == nil {
		config.Now = time.Now
	}
	s := &Server{
		config:   config,
		commands: commandTable{},
		turn:     make(chan struct{}, 1),
		stopping: make(chan struct{}),
		sessions: map[*session]struct{}{},
	}
	s.stop = sync.OnceFunc(func() { close(s.stopping) })
	s.events = broadcaster{policy: s.policy(), now: config.Now, limits: rateLimits()}
	s.ctx, s.cancel = context.WithCancel(qapi.WithPolicy(context.Background(), s.policy()))
	s.Register(qapi.ControlCommandTable(s)...)
	s.Register(qapi.FDCommandTable(s)...)
	return s
}

func (s *Server) policy() *qapi.Policy { return &s.config.Policy }

// Register adds commands; one of a name that exists replaces it. It must not be called while clients are served.
func (s *Server) Register(commands ...qapi.Command) { s.commands.add(commands) }

// SetPreconfig says whether the machine is still to be made: only commands that allow it can be called then.
func (s *Server) SetPreconfig(on bool) { s.preconfig.Store(on) }

// Emit stamps an event and sends it to every client that is through with its negotiation, in the same order to all.
// It may be called from any goroutine, within commands too, and never waits for a client.
func (s *Server) Emit(event qapi.Event) { s.events.emit(event) }

// Stop makes the command that runs the last one, and returns at once. It may be called from within commands.
func (s *Server) Stop() { s.stop() }

// Stopping returns a channel that is closed by Stop, and thus by the command quit.
func (s *Server) Stopping() <-chan struct{} { return s.stopping }
