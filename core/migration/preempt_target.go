package migration

import (
	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/stream"
	"qmpmigrate/qapi"
)

// accept lets the source in at l, and behind it its second channel where there
// shall be one; nobody else. l is closed with the last one. Lanes have their own way.
func (in *incoming) accept(l channels.Listener) (channels.Conn, error) {
	if in.socket() && in.m.settings.Lanes() > 0 {
		return in.admitLanes(l)
	}
	if in.m.settings.Enabled(qapi.MigrationCapabilityPostcopyPreempt) {
		p, err := links.AcceptPair(in.ctx, l, in.onYank)
		if err != nil {
			return nil, err
		}
		return p, nil
	}
	defer l.Close()
	return l.Accept(in.ctx)
}

// express is a destination's second channel: what the source sends there
// overtakes all that waits in the main one.
type express struct {
	pair *links.Pair
	conn channels.Conn
	done chan struct{} // closed when nothing more is read
	err  error         // why it broke; the arrival's mu guards it
}

// preempt begins to read the second channel, where there shall be one, once it is there.
func (a *arrival) preempt() error {
	p, ok := a.in.channel().(*links.Pair)
	if !ok {
		return nil
	}
	if err := p.Await(a.ctx, p.Ready); err != nil {
		return err
	}
	conn, err := p.Other()
	if err != nil {
		return err
	}
	a.in.m.points.preempt.Tell()
	e := &express{pair: p, conn: conn, done: make(chan struct{})}
	a.mu.Lock()
	a.express = e
	a.mu.Unlock()
	channel := a.memory.Channel(1, a.pages.Fresh(), &a.in.m.loaded)
	go func() {
		defer close(e.done)
		a.in.m.points.preemptEntry.Tell()
		defer a.in.m.points.preemptExit.Tell()
		// The end of the channel is none of its own once all is here.
		if err := channel.Load(stream.NewReader(conn), 0); err != nil && a.memory.Absent() > 0 {
			a.broke(e, err)
		}
	}()
	return nil
}

// broke takes the main channel down with the second: the source must send again
// what was under way. A VM that is not here yet is not given up for that.
func (a *arrival) broke(e *express, err error) {
	a.mu.Lock()
	e.err = err
	running := a.state == arrivalRunning
	a.mu.Unlock()
	if running {
		e.pair.Shutdown()
	}
}

// remainder waits for what is under way on the second channel after the main one has ended.
func (a *arrival) remainder() error {
	e := a.express
	if e == nil {
		return nil
	}
	whole := make(chan struct{})
	go func() {
		defer close(whole)
		a.memory.Whole(e.done)
	}()
	err := e.pair.Await(a.ctx, whole)
	if err != nil {
		e.pair.Shutdown()
	}
	<-whole
	return err
}

// leave ends the reading of the second channel, and gives the error that counts
// for a link that broke with err.
func (a *arrival) leave(err error) error {
	e := a.express
	if e == nil {
		return err
	}
	e.conn.Shutdown()
	<-e.done
	a.mu.Lock()
	a.express = nil
	a.mu.Unlock()
	if err != nil && e.err != nil {
		return e.err
	}
	return err
}
