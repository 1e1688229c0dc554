package migration

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/savevm"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// returnPath is how a destination answers a source that asked for it. Messages
// may be sent from any goroutine.
type returnPath struct {
	mu     sync.Mutex // held while a message is written
	out    io.Writer
	twoWay bool // out can carry it
	open   atomic.Bool
	acks   bool         // switchover-ack: the source waits until no device owes an ack
	report func(string) // tells people
	said   replyPoints
	heard  arrivalPoints

	devices  *receiving
	estimate func() time.Duration // how long what is still to come will take
}

// setup lets the devices among the sections set up, and listens to their acks.
func (p *returnPath) setup(ctx context.Context, live []savevm.Live) (err error) {
	var acked func() error
	if p.acks {
		acked = p.ack
	}
	p.devices, err = newReceiving(ctx, live, acked, p.heard)
	return err
}

func (p *returnPath) ack() error {
	if !p.open.Load() {
		return unix.EIO
	}
	return p.write(wire.ReplySwitchoverAck, nil)
}

// command carries out what the stream commands about it.
func (p *returnPath) command(code wire.CommandCode, payload []byte) error {
	switch code {
	case wire.CmdOpenReturnPath:
		if !p.twoWay {
			return fmt.Errorf("%s on a channel that cannot carry it", code)
		}
		if p.open.Swap(true) {
			p.report("CMD_OPEN_RETURN_PATH called when RP already open")
			return nil
		}
		if p.acks && p.devices.owing == 0 {
			return p.ack()
		}
		return nil
	case wire.CmdPing:
		value := binary.BigEndian.Uint32(payload)
		p.heard.ping.Tell(trace.Uint("val", value))
		if !p.open.Load() {
			return fmt.Errorf("CMD_PING (0x%x) received with no return path", value)
		}
		// An answer that does not get through is not the end: the VM may be here already, and the link can be made
		// anew. If the source is gone whoever reads from it finds out.
		_ = p.send(wire.ReplyPong, value)
		return nil
	case wire.CmdEstimate:
		if !p.open.Load() {
			return errNoReturnPath
		}
		_ = p.put(wire.AppendEstimate(nil, p.estimate())) // as with a ping
		return nil
	case wire.CmdSwitchoverStart:
		return p.devices.switchover()
	}
	if code.Known() {
		return fmt.Errorf("command %s is not supported by this build", code)
	}
	return fmt.Errorf("MIG_CMD 0x%x unknown (len 0x%x)", uint16(code), len(payload))
}

// shut tells the source how loading ended; it is the last message.
func (p *returnPath) shut(failed bool) error {
	if !p.open.Load() {
		return nil
	}
	var value uint32
	if failed {
		value = 1
	}
	return p.send(wire.ReplyShut, value)
}

func (p *returnPath) send(reply wire.Reply, value uint32) error {
	return p.write(reply, binary.BigEndian.AppendUint32(nil, value))
}

func (p *returnPath) write(reply wire.Reply, payload []byte) error {
	p.said.sends.Tell(trace.Uint("msg_type", reply), trace.Int("len", len(payload)))
	return p.put(wire.AppendReply(nil, reply, payload))
}

// Request asks for pages; see postcopy.Source.
func (p *returnPath) Request(block string, start uint64, length uint32) error {
	if !p.open.Load() {
		return errNoReturnPath
	}
	message := wire.AppendPageRequest(nil, block, start, length)
	if e := p.said.sends; e.On() {
		kind := wire.ReplyReqPages
		if block != "" {
			kind = wire.ReplyReqPagesID
		}
		e.Tell(trace.Uint("msg_type", kind), trace.Int("len", len(message)-wire.ReplyHeaderSize))
	}
	return p.put(message)
}

var errNoReturnPath = errors.New("the source opened no return path")

func (p *returnPath) put(message []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.out.Write(message)
	return err
}
