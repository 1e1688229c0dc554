package migration

import (
	"context"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/yank"
	"qmpmigrate/qapi"
)

// Listen is migrate-incoming: it begins to wait for an incoming migration; when
// it returns the channel is open. After a failure it can be tried again.
func (m *Migration) Listen(args *qapi.MigrateIncomingArgs, files links.Files) error {
	m.commands.Lock()
	defer m.commands.Unlock()
	if _, in := m.current(); in != nil {
		return qapi.Errorf("The incoming migration has already been started")
	}
	if m.host.RunState() != qapi.RunStateInmigrate {
		return qapi.Errorf("'-incoming' was not specified on the command line")
	}
	in := m.newIncoming(args.ExitOnError == nil || *args.ExitOnError)
	var err error
	if in.release, err = m.host.YankRegister().Add(yank.Instance{Kind: yank.Migration}, in.yank); err != nil {
		return qapi.AsError(err)
	}
	if err := in.listen(args, files); err != nil {
		in.cancel()
		in.release()
		return qapi.AsError(err)
	}
	m.mu.Lock()
	m.in = in
	m.mu.Unlock()
	in.advance(states.TargetListen)
	go in.run()
	return nil
}

func (in *incoming) listen(args *qapi.MigrateIncomingArgs, files links.Files) (err error) {
	in.addr, in.listener, err = in.open(args, files)
	return err
}

// open opens where a source can come to.
func (in *incoming) open(args *qapi.MigrateIncomingArgs, files links.Files) (channels.Address, channels.Listener, error) {
	addr, err := links.Incoming(args.URI, args.Channels)
	if err == nil {
		err = in.m.settings.Suits(addr)
	}
	if err != nil {
		return addr, nil, err
	}
	addr, l, err := in.m.links.Listen(in.ctx, addr, files)
	if err != nil {
		return addr, nil, err
	}
	if in.files, err = in.m.links.FileLanes(addr, false); err != nil {
		l.Close()
		return addr, nil, err
	}
	return addr, l, nil
}

func (m *Migration) newIncoming(exit bool) *incoming {
	in := &incoming{m: m, exit: exit, done: make(chan struct{}), status: qapi.MigrationStatusNone}
	in.stages.points = m.points.checkpoint
	in.ctx, in.cancel = context.WithCancel(context.Background())
	return in
}
