package links

import (
	"strings"

	"qmpmigrate/channels"
	"qmpmigrate/core/trace"
)

// points are the trace events about channels as they are made.
type points struct {
	tlsIn, tlsOut handshakePoints
	lanes         lanePoints
	out, in       addressPoints
}

func newPoints(t *trace.Set) points {
	return points{
		tlsOut: handshakePoints{t.Event(trace.TLSOutgoingStart), t.Event(trace.TLSOutgoingError),
			t.Event(trace.TLSOutgoingComplete)},
		tlsIn: handshakePoints{t.Event(trace.TLSIncomingStart), t.Event(trace.TLSIncomingError),
			t.Event(trace.TLSIncomingComplete)},
		lanes: newLanePoints(t),
		out: addressPoints{t.Event(trace.MigrationExecOutgoing), t.Event(trace.MigrationFileOutgoing),
			t.Event(trace.MigrationFDOutgoing)},
		in: addressPoints{t.Event(trace.MigrationExecIncoming), t.Event(trace.MigrationFileIncoming),
			t.Event(trace.MigrationFDIncoming)},
	}
}

// handshakePoints are the events about one side of TLS.
type handshakePoints struct{ start, failed, complete *trace.Event }

// over tells how a handshake ended.
func (p *handshakePoints) over(err error) {
	if err != nil {
		p.failed.Tell(trace.Err("err", err))
		return
	}
	p.complete.Tell()
}

// lanePoints are the events about the channels of lanes.
type lanePoints struct{ dials, failed, connected, came *trace.Event }

func newLanePoints(t *trace.Set) lanePoints {
	return lanePoints{
		dials:     t.Event(trace.MultifdNewSendChannel),
		failed:    t.Event(trace.MultifdNewSendChannelError),
		connected: t.Event(trace.MultifdSetOutgoingChannel),
		came:      t.Event(trace.MultifdRecvNewChannel),
	}
}

// addressPoints are the events about what is opened; sockets tell when they are connected.
type addressPoints struct{ exec, file, fd *trace.Event }

func (p *addressPoints) opens(a channels.Address) {
	switch {
	case a.Transport == channels.TransportExec:
		if p.exec.On() {
			p.exec.Tell(trace.Str("cmd", strings.Join(a.Exec.Args, " ")))
		}
	case a.Transport == channels.TransportFile:
		p.file.Tell(trace.Str("filename", a.File.Path))
	case a.Type == channels.SocketFD:
		p.fd.Tell(trace.Str("fd", a.FD.Name))
	}
}
