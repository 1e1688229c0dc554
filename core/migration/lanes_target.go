package migration

import (
	"context"
	"errors"

	"qmpmigrate/channels"
	"qmpmigrate/channels/tls"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/multifd"
	"qmpmigrate/core/ram"
)

// admitLanes lets the source's main channel in at l, and its lanes.
func (in *incoming) admitLanes(l channels.Listener) (channels.Conn, error) {
	g := in.m.links.Gather(in.ctx, l)
	in.onYank(g.Yank)
	b, err := g.Bundle()
	if err != nil {
		return nil, err
	}
	return b, nil
}

// receive begins to read the lanes of conn, where it has some, for pages.
func (in *incoming) receive(ctx context.Context, conn channels.Conn, pages *ram.Loader) (*multifd.Receiver, error) {
	b, ok := conn.(*links.Bundle)
	if !ok {
		return nil, nil
	}
	method, _, err := in.m.settings.LaneMethod()
	if err != nil {
		return nil, err
	}
	lanes, err := multifd.NewReceiver(b.Lanes(), multifd.ReceiverConfig{
		Method: method, Count: in.m.loaded.Counters(), Ended: in.laneEnded, Trace: in.m.host.Trace(),
		// The main channel ends with the lanes; the source is still told why.
		Failed: func(error) { _ = channels.CloseRead(b.Conn) },
	})
	if err == nil {
		pages.Receive(ctx, lanes)
	}
	return lanes, err
}

// errCut is a lane that somebody else may have ended, in QEMU's words.
var errCut = &channels.Error{Op: "Cannot read from TLS channel", Err: errors.New("The TLS connection was non-properly terminated.")}

// laneEnded says what is wrong with the end of a lane. Which machine comes is
// known by then.
func (in *incoming) laneEnded(conn channels.Conn, err error) error {
	machine := ""
	if c := in.m.host.Guest().Configuration(); c != nil {
		machine = c.Machine
	}
	t := tls.Of(conn)
	if t != nil && t.Cut() && (err != nil || in.m.settings.Quirks(machine).CleanTLS) {
		return errCut
	}
	return err
}

// landed ends the lanes after the stream was loaded, or was not for err, and
// gives the reason if it is theirs.
func landed(lanes *multifd.Receiver, err error) error {
	if lanes == nil {
		return err
	}
	lanes.Close()
	if reason := lanes.Err(); err != nil && reason != nil {
		return links.LaneError{Err: reason}
	}
	return err
}
