package migration

import (
	"encoding/binary"
	"fmt"
	"io"

	"qmpmigrate/core/wire"
)

// returnPath is how a destination answers a source that asked for it.
type returnPath struct {
	out  io.Writer
	open bool
}

// command carries out what the stream commands; it is a savevm.Loader's Command.
func (p *returnPath) command(twoWay bool) func(wire.CommandCode, []byte) error {
	return func(code wire.CommandCode, payload []byte) error {
		switch code {
		case wire.CmdOpenReturnPath:
			if !twoWay {
				return fmt.Errorf("%s on a channel that cannot carry it", code)
			}
			p.open = true
			return nil
		case wire.CmdPing:
			value := binary.BigEndian.Uint32(payload)
			if !p.open {
				return fmt.Errorf("CMD_PING (0x%x) received with no return path", value)
			}
			return p.send(wire.ReplyPong, value)
		case wire.CmdSwitchoverStart:
			return nil
		}
		if code.Known() {
			return fmt.Errorf("command %s is not supported by this build", code)
		}
		return fmt.Errorf("MIG_CMD 0x%x unknown (len 0x%x)", uint16(code), len(payload))
	}
}

// shut tells the source how loading ended; it is the last message.
func (p *returnPath) shut(failed bool) error {
	if !p.open {
		return nil
	}
	var value uint32
	if failed {
		value = 1
	}
	return p.send(wire.ReplyShut, value)
}

func (p *returnPath) send(reply wire.Reply, value uint32) error {
	_, err := p.out.Write(wire.AppendReply(nil, reply, binary.BigEndian.AppendUint32(nil, value)))
	return err
}
