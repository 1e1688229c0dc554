package savevm

import (
	"encoding/binary"

	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// commandTrace are the events about one kind of command each.
type commandTrace struct {
	path, ping, advise, listen, run, discard, resume, bitmap, switchover *trace.Event
}

func newCommandTrace(t *trace.Set) *commandTrace {
	return &commandTrace{
		path:       t.Event(trace.SavevmSendOpenReturnPath),
		ping:       t.Event(trace.SavevmSendPing),
		advise:     t.Event(trace.SavevmSendPostcopyAdvise),
		listen:     t.Event(trace.SavevmSendPostcopyListen),
		run:        t.Event(trace.SavevmSendPostcopyRun),
		discard:    t.Event(trace.SavevmSendPostcopyDiscard),
		resume:     t.Event(trace.SavevmSendPostcopyResume),
		bitmap:     t.Event(trace.SavevmSendRecvBitmap),
		switchover: t.Event(trace.SavevmSendSwitchoverStart),
	}
}

// told tells of a command that is about to go out.
func (t *saverTrace) told(code wire.CommandCode, payload []byte) {
	if c := t.commands; c != nil {
		c.tell(code, payload)
	}
	t.command.Tell(trace.Uint("command", code), trace.Int("len", len(payload)))
}

func (c *commandTrace) tell(code wire.CommandCode, payload []byte) {
	switch code {
	case wire.CmdOpenReturnPath:
		c.path.Tell()
	case wire.CmdPing:
		c.ping.Tell(trace.Uint("val", binary.BigEndian.Uint32(payload)))
	case wire.CmdPostcopyAdvise:
		c.advise.Tell()
	case wire.CmdPostcopyListen:
		c.listen.Tell()
	case wire.CmdPostcopyRun:
		c.run.Tell()
	case wire.CmdPostcopyRAMDiscard:
		if c.discard.On() {
			if d, err := wire.ParseDiscard(payload); err == nil {
				c.discard.Tell(trace.Str("id", d.Block), trace.Int("len", d.Count()))
			}
		}
	case wire.CmdPostcopyResume:
		c.resume.Tell()
	case wire.CmdRecvBitmap:
		if len(payload) > 0 && c.bitmap.On() {
			c.bitmap.Tell(trace.Str("name", string(payload[1:])))
		}
	case wire.CmdSwitchoverStart:
		c.switchover.Tell()
	}
}
