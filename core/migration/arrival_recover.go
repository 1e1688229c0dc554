package migration

import (
	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// Recover is migrate-recover: it waits anew for the source of a migration that is
// paused in postcopy. It may be called again: the newest address counts.
func (m *Migration) Recover(uri string, files links.Files) error {
	m.commands.Lock()
	defer m.commands.Unlock()
	_, in := m.current()
	if in == nil || !in.paused() {
		return errNotPaused()
	}
	in.gate.Leave()
	_, l, err := in.open(&qapi.MigrateIncomingArgs{URI: &uri}, files)
	if err != nil {
		return qapi.AsError(err)
	}
	if !in.gate.Keep(l, in.accept) {
		l.Close()
		return errNotPaused()
	}
	return nil
}

func errNotPaused() error {
	return qapi.Errorf("Migrate recover can only be run when postcopy is paused.")
}

func (in *incoming) paused() bool {
	status, _ := in.state()
	return status == qapi.MigrationStatusPostcopyPaused
}

// pause keeps all that is here until the source is there again, after err cut it
// off. It says false where there is nothing to wait for: the VM is given up.
func (a *arrival) pause(err error) bool {
	if !a.follows || !a.lives() {
		return false
	}
	a.memory.Connect(nil)
	a.in.drop()
	a.main.Reset()
	host := a.in.m.host
	host.Report(err.Error())
	came := a.in.gate.Await()
	a.in.advance(states.TargetLost)
	a.in.m.points.arrival.pause.Tell()
	host.Report("Detected IO failure for postcopy. Migration paused.")
	select {
	case conn := <-came:
		a.reconnect(conn)
		return true
	case <-a.ctx.Done():
		return false
	}
}

// reconnect goes on with a new channel: it has no header, and carries the
// return path from the beginning.
func (a *arrival) reconnect(conn channels.Conn) {
	a.in.setConn(conn)
	if a.ctx.Err() != nil { // since the moment in which it came
		a.in.cut()
	}
	a.r = stream.NewReader(conn)
	a.back = a.back.Again(conn)
	a.in.m.points.channelIn.Tell(trace.Str("ioctype", links.Kind(conn, a.in.addr)))
	a.in.advance(states.TargetReconnect)
	a.in.m.points.arrival.continued.Tell()
}
