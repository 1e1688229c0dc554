package migration

import (
	"context"
	"fmt"
	"sync"

	"qmpmigrate/channels"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/qapi"
)

// incoming is a migration into this machine, from listening to the start of the VM.
type incoming struct {
	m        *Migration
	listener channels.Listener
	exit     bool // a failure ends the process
	cancel   context.CancelFunc
	done     chan struct{}

	mu     sync.Mutex
	status qapi.MigrationStatus
	err    error
}

// listen begins an incoming migration: when it returns the channel is open.
func (m *Migration) listen(addr channels.Address, exit bool) (*incoming, error) {
	ctx, cancel := context.WithCancel(context.Background())
	l, err := channels.Listen(ctx, addr)
	if err != nil {
		cancel()
		return nil, err
	}
	in := &incoming{m: m, listener: l, exit: exit, cancel: cancel, done: make(chan struct{})}
	in.set(qapi.MigrationStatusSetup)
	go in.run(ctx)
	return in, nil
}

func (in *incoming) set(s qapi.MigrationStatus) {
	in.mu.Lock()
	in.status = s
	in.mu.Unlock()
	in.m.statusEvent(s)
}

func (in *incoming) run(ctx context.Context) {
	defer close(in.done)
	conn, err := in.listener.Accept(ctx)
	in.listener.Close()
	if err == nil {
		in.set(qapi.MigrationStatusActive)
		stop := context.AfterFunc(ctx, func() { conn.Shutdown() })
		err = in.load(conn)
		stop()
		conn.Close()
	}
	if err != nil {
		in.fail(ctx, err)
		return
	}
	in.set(qapi.MigrationStatusCompleted)
}

// load takes the stream in and hands the machine over to its host.
func (in *incoming) load(conn channels.Conn) error {
	machine := in.m.host.Guest()
	back := &returnPath{out: conn}
	pages := ram.NewLoader(machine, &in.m.loaded)
	defer pages.Close()
	loader := &savevm.Loader{
		Target:  machine,
		Movers:  map[string]savevm.Mover{"ram": pages},
		Command: back.command(conn.TwoWay()),
	}
	err := loader.Load(stream.NewReader(conn))
	if err == nil {
		err = machine.Loaded()
	}
	if err == nil {
		err = in.m.host.IncomingLoaded()
	}
	if err != nil {
		// What the source hears does not change why loading failed.
		_ = back.shut(true)
		return err
	}
	// The VM is here and whole: a source that hung up already cannot undo that.
	_ = back.shut(false)
	return nil
}

func (in *incoming) fail(ctx context.Context, err error) {
	in.mu.Lock()
	in.err = fmt.Errorf("load of migration failed: %w", err)
	in.mu.Unlock()
	in.set(qapi.MigrationStatusFailed)
	if ctx.Err() == nil {
		in.m.host.IncomingFailed(in.err, in.exit)
	}
}

// state is what query-migrate tells of a destination.
func (in *incoming) state() (qapi.MigrationStatus, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.status, in.err
}

// close ends the migration, wherever it is.
func (in *incoming) close() {
	in.cancel()
	in.listener.Close()
	<-in.done
}
