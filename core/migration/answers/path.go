// Package answers is the destination's end of the return path: what it tells its
// source, and the devices that have a word in it.
package answers

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

	"qmpmigrate/channels"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// Path is how a destination answers a source that asked for it. Messages
// may be sent from any goroutine.
type Path struct {
	conf   Config
	mu     sync.Mutex // held while a message is written
	out    io.Writer
	twoWay bool // out can carry it
	open   atomic.Bool
	points points

	devices *Devices
}

// Config is what a Path needs besides its channel.
type Config struct {
	// Acks: the source waits until no device owes an ack (switchover-ack).
	Acks bool
	// Report gives people a line of text.
	Report func(string)
	// Estimate is how long what is still to come will take.
	Estimate func() time.Duration
	// Trace is where the trace events are, nil for none.
	Trace *trace.Set
}

// New is for the channel that the stream comes on.
func New(conn channels.Conn, c Config) *Path {
	return &Path{conf: c, out: conn, twoWay: conn.TwoWay(), points: newPoints(c.Trace)}
}

// Again is a path on a new channel to the same source, which need not open it.
func (p *Path) Again(conn channels.Conn) *Path {
	next := New(conn, p.conf)
	next.devices = p.devices
	next.open.Store(true)
	return next
}

// Opened says whether the source has opened the path.
func (p *Path) Opened() bool { return p.open.Load() }

// Setup lets the devices among the sections set up, and listens to their acks.
func (p *Path) Setup(ctx context.Context, live []savevm.Live) (err error) {
	var acked func() error
	if p.conf.Acks {
		acked = p.ack
	}
	p.devices, err = NewDevices(ctx, live, acked, p.conf.Trace)
	return err
}

// Cleanup ends what Setup began.
func (p *Path) Cleanup() { p.devices.Cleanup() }

func (p *Path) ack() error {
	if !p.open.Load() {
		return unix.EIO
	}
	return p.write(wire.ReplySwitchoverAck, nil)
}

// Command carries out what the stream commands about it.
func (p *Path) Command(code wire.CommandCode, payload []byte) error {
	switch code {
	case wire.CmdOpenReturnPath:
		if !p.twoWay {
			return fmt.Errorf("%s on a channel that cannot carry it", code)
		}
		if p.open.Swap(true) {
			p.conf.Report("CMD_OPEN_RETURN_PATH called when RP already open")
			return nil
		}
		if p.conf.Acks && p.devices.owing == 0 {
			return p.ack()
		}
		return nil
	case wire.CmdPing:
		value := binary.BigEndian.Uint32(payload)
		p.points.ping.Tell(trace.Uint("val", value))
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
		_ = p.put(wire.AppendEstimate(nil, p.conf.Estimate())) // as with a ping
		return nil
	case wire.CmdSwitchoverStart:
		return p.devices.Switchover()
	}
	if code.Known() {
		return fmt.Errorf("command %s is not supported by this build", code)
	}
	return fmt.Errorf("MIG_CMD 0x%x unknown (len 0x%x)", uint16(code), len(payload))
}

// Shut tells the source how loading ended; it is the last message.
func (p *Path) Shut(failed bool) error {
	if !p.open.Load() {
		return nil
	}
	var value uint32
	if failed {
		value = 1
	}
	return p.send(wire.ReplyShut, value)
}

// Resumed tells a source that was lost that it can go on.
func (p *Path) Resumed() error { return p.send(wire.ReplyResumeAck, wire.ResumeAck) }

// Received tells a source that was lost which pages of a block have come.
func (p *Path) Received(block string, pages []byte) error {
	message := wire.AppendReply(nil, wire.ReplyRecvBitmap, wire.AppendCounted(nil, block))
	head := len(message)
	message = wire.AppendBitmap(message, pages)
	p.points.sendsBitmap.Tell(trace.Str("block_name", block), trace.Int("size", len(message)-head))
	return p.put(message)
}

func (p *Path) send(reply wire.Reply, value uint32) error {
	return p.write(reply, binary.BigEndian.AppendUint32(nil, value))
}

func (p *Path) write(reply wire.Reply, payload []byte) error {
	p.points.sends.Tell(trace.Uint("msg_type", reply), trace.Int("len", len(payload)))
	return p.put(wire.AppendReply(nil, reply, payload))
}

// Request asks for pages; see postcopy.Source.
func (p *Path) Request(block string, start uint64, length uint32) error {
	if !p.open.Load() {
		return errNoReturnPath
	}
	message := wire.AppendPageRequest(nil, block, start, length)
	if e := p.points.sends; e.On() {
		kind := wire.ReplyReqPages
		if block != "" {
			kind = wire.ReplyReqPagesID
		}
		e.Tell(trace.Uint("msg_type", kind), trace.Int("len", len(message)-wire.ReplyHeaderSize))
	}
	return p.put(message)
}

var errNoReturnPath = errors.New("the source opened no return path")

func (p *Path) put(message []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.out.Write(message)
	return err
}
