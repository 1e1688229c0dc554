package multifd

import (
	"errors"
	"fmt"
	"io"

	"qmpmigrate/channels"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// receiving is one lane that packets come in on.
type receiving struct {
	id       int
	conn     channels.Conn
	receiver *Receiver
	decoder  Decoder // nil: pages come as they are

	reached chan struct{} // gets a value at a sync
	release chan struct{} // gets a value when the lane may go on

	head    [wire.MultiFDPacketSize]byte
	have    int // bytes of head that were read already
	packet  wire.MultiFDPacket
	packets uint64 // that came
	block   *memory.Block
	iov     [PacketPages + 1][]byte
	pages   [PacketPages][]byte
	payload []byte
}

// errEnd is the end of a lane where one may be.
var errEnd = errors.New("end of the lane")

// read is the goroutine of the lane.
func (l *receiving) read() error {
	for {
		switch err := l.next(); {
		case l.stopped():
			return nil
		case errors.Is(err, errEnd):
			return l.over(nil)
		case errors.Is(err, errHalf), errors.Is(err, errShort):
			return l.over(err)
		case err != nil:
			return err
		}
		if l.packet.Flags&wire.MultiFDSync == 0 {
			continue
		}
		l.reached <- struct{}{}
		select {
		case <-l.release:
		case <-l.receiver.stop:
			return nil
		}
	}
}

// over says what is wrong with a lane on which nothing more comes.
func (l *receiving) over(err error) error {
	if ended := l.receiver.config.Ended; ended != nil {
		return ended(l.conn, err)
	}
	return err
}

func (l *receiving) stopped() bool {
	select {
	case <-l.receiver.stop:
		return true
	default:
		return false
	}
}

// next takes one packet in, and its pages.
func (l *receiving) next() error {
	if err := l.fill(wire.MultiFDHeadSize); err != nil {
		return err
	}
	flags, err := wire.ParseMultiFDHead(l.head[:])
	if err != nil {
		return err
	}
	if flags&wire.MultiFDDeviceState != 0 {
		return errors.New("multifd: a packet of device state, which no device here takes")
	}
	if err := l.fill(wire.MultiFDPacketSize); err != nil {
		if errors.Is(err, errEnd) || errors.Is(err, errShort) {
			err = errHalf
		}
		return err
	}
	l.have = 0
	p := &l.packet
	if err := p.Parse(&l.head); err != nil {
		return err
	}
	l.packets++
	if e := l.receiver.points.unfill; e.On() {
		e.Tell(trace.Int("id", l.id), trace.Uint("packet_num", p.Number), trace.Uint("flags", p.Flags),
			trace.Uint("next_packet_size", p.Payload))
	}
	if p.Normal+p.Zero == 0 {
		return nil
	}
	return l.content(p)
}

// content takes the pages of a packet in.
func (l *receiving) content(p *wire.MultiFDPacket) error {
	if err := l.place(); err != nil {
		return err
	}
	if got, want := p.Flags&wire.MultiFDMethod, l.receiver.config.Method.Bits; uint32(got) != want {
		return fmt.Errorf("multifd %d: flags received %x flags expected %x", l.id, uint32(got), want)
	}
	count := &l.receiver.config.Count
	l.zero()
	count.Zero.Add(uint64(p.Zero))
	if p.Normal == 0 {
		return nil
	}
	if err := l.take(); err != nil {
		return err
	}
	l.populate()
	count.Normal.Add(uint64(p.Normal))
	return nil
}

// place finds where the pages belong.
func (l *receiving) place() error {
	p := &l.packet
	b, ok := (*l.receiver.blocks.Load())[string(p.Block)]
	if !ok {
		return fmt.Errorf("multifd: unknown ram block %s", p.Block)
	}
	l.block = b
	for i, offset := range p.Offsets[:p.Normal+p.Zero] {
		if offset > b.Size()-memory.PageSize {
			return fmt.Errorf("multifd: offset too long %d (max %x)", offset, b.Size())
		}
		if offset%memory.PageSize != 0 {
			return fmt.Errorf("multifd: offset %d is none of a page", offset)
		}
		if i < int(p.Normal) {
			l.pages[i] = b.Page(offset / memory.PageSize)
		}
	}
	return nil
}

// zero clears the pages that are zero, without touching one that was never written.
func (l *receiving) zero() {
	p := &l.packet
	for _, offset := range p.Offsets[p.Normal : p.Normal+p.Zero] {
		l.block.Clear(offset / memory.PageSize)
	}
}

// populate says which pages were written, each run of them at once.
func (l *receiving) populate() {
	offsets := l.packet.Offsets[:l.packet.Normal]
	for len(offsets) > 0 {
		n := 1
		for n < len(offsets) && offsets[n] == offsets[n-1]+memory.PageSize {
			n++
		}
		l.block.Populate(offsets[0]/memory.PageSize, uint64(n))
		offsets = offsets[n:]
	}
}

// fill reads until n bytes of head are there.
func (l *receiving) fill(n int) error {
	for l.have < n {
		l.iov[0] = l.head[l.have:]
		got, err := l.conn.ReadVec(l.iov[:1])
		l.have += got
		switch {
		case got > 0:
		case err == nil:
			return io.ErrNoProgress
		case errors.Is(err, io.EOF) && l.have == 0:
			return errEnd
		case errors.Is(err, io.EOF):
			return errShort
		default:
			return err
		}
	}
	return nil
}

// take reads the payload, which ends where the pages belong.
func (l *receiving) take() error {
	if l.decoder != nil {
		return l.decode()
	}
	return l.direct()
}

// direct reads the pages to their places, and the next packet's head, which
// always follows, if only that of a sync.
func (l *receiving) direct() error {
	p := &l.packet
	l.ready()
	iov := join(l.iov[:0], l.block, p.Offsets[:], l.pages[:p.Normal])
	size := int(p.Normal) * memory.PageSize
	got, err := channels.ReadWhole(l.conn, append(iov, l.head[:]))
	l.have = max(0, got-size)
	switch ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF); {
	case ended && got < size:
		return errShort
	case ended:
		return nil
	}
	return err
}

// Lanes that end too early, in QEMU's words: within a packet, and within what
// says how long it is or its payload.
var (
	errHalf  = errors.New("multifd: unexpected EOF after packet header")
	errShort = errors.New("Unexpected end-of-file before all data were read")
)

// decode reads the payload and lets the lane's decoder make pages of it.
func (l *receiving) decode() error {
	p := &l.packet
	if p.Payload > MaxPayload {
		return fmt.Errorf("multifd %d: payload of %d bytes is more than %d", l.id, p.Payload, MaxPayload)
	}
	if uint32(cap(l.payload)) < p.Payload {
		l.payload = make([]byte, MaxPayload)
	}
	l.payload = l.payload[:p.Payload]
	l.iov[0] = l.payload
	if _, err := channels.ReadWhole(l.conn, l.iov[:1]); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errShort
		}
		return err
	}
	if err := l.decoder.Decode(l.pages[:p.Normal], l.payload); err != nil {
		return fmt.Errorf("multifd %d: %w", l.id, err)
	}
	return nil
}
