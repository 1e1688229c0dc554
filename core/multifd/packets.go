package multifd

import (
	"fmt"
	"sync/atomic"

	"qmpmigrate/channels"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// PacketConfig is how lanes of packets are made.
type PacketConfig struct {
	// Method is how payloads are written, at Level.
	Method Method
	Level  int
	// FindZeros: the lanes look for pages that are zero, and send only that
	// they are. Otherwise all pages are sent in full.
	FindZeros bool
	// ZeroCopy sends pages from where they lie. Channels that cannot do so make NewPackets fail.
	ZeroCopy bool
	// Count is where what went out is counted.
	Count Counters
	// Trace is where the trace events are, nil for none.
	Trace *trace.Set
}

// Counters of pages, of bytes on lanes, and of syncs of lanes whose pages were all copied although they were not to be.
type Counters struct{ Normal, Zero, Bytes, Copied *atomic.Uint64 }

// packets is a lane that sends packets on a channel.
type packets struct {
	id      int
	conn    channels.Conn
	config  *PacketConfig
	numbers *atomic.Uint64     // how many packets the lanes have sent in all
	encoder Encoder            // nil: pages go as they are
	direct  *channels.Uncopied // sends pages, nil: conn does
	filled  *trace.Event
	paged   *trace.Event

	packet  wire.MultiFDPacket
	heads   [batchPackets][wire.MultiFDPacketSize]byte
	zeros   [PacketPages]uint64
	pages   [PacketPages][]byte
	iov     [batchPackets * (PacketPages + 1)][]byte
	payload []byte
}

// batchPackets is how many packets a batch makes at most.
const batchPackets = batchPages / PacketPages

var zeroPage [memory.PageSize]byte

// NewPackets makes the carriers of lanes over channels, each of which was
// introduced (Introduce). They do not close the channels.
func NewPackets(conns []channels.Conn, config PacketConfig) ([]Carrier, error) {
	var list []Carrier
	numbers := &atomic.Uint64{}
	for i, conn := range conns {
		p := &packets{id: i, conn: conn, config: &config, numbers: numbers,
			filled: config.Trace.Event(trace.MultifdSendFill), paged: config.Trace.Event(trace.MultifdSendRAMFill)}
		if config.Method.NewEncoder != nil {
			var err error
			if p.encoder, err = config.Method.NewEncoder(config.Level); err != nil {
				for _, c := range list {
					c.Close()
				}
				return nil, fmt.Errorf("multifd %d: %w", i, err)
			}
		}
		if config.ZeroCopy {
			var err error
			if p.direct, err = channels.NewUncopied(conn); err != nil {
				return nil, err
			}
		}
		list = append(list, p)
	}
	config.Count.Bytes.Add(uint64(len(conns)) * wire.MultiFDInitSize)
	return list, nil
}

// Introduce says who lane number id is, which comes first on it. A destination
// with TLS waits for that before it lets the next lane in.
func Introduce(conn channels.Conn, id int, vm [16]byte) error {
	_, err := conn.Write(wire.AppendMultiFDInit(nil, wire.MultiFDInit{UUID: vm, ID: uint8(id)}))
	return err
}

func (p *packets) Send(b *Batch) error {
	iov, normal, zero := p.iov[:0], uint64(0), uint64(0)
	for i, pages := 0, b.Pages(); len(pages) > 0; i++ {
		n := min(len(pages), PacketPages)
		var err error
		if iov, err = p.put(iov, &p.heads[i], b.Block, pages[:n]); err != nil {
			return err
		}
		normal, zero = normal+uint64(p.packet.Normal), zero+uint64(p.packet.Zero)
		if pages = pages[n:]; len(pages) > 0 && p.together() {
			continue
		}
		if err := p.send(iov); err != nil {
			return err
		}
		iov = iov[:0]
	}
	p.config.Count.Normal.Add(normal)
	p.config.Count.Zero.Add(zero)
	return nil
}

// together says whether the packets of a batch go out with one call: nothing of one is in the way of the next.
func (p *packets) together() bool { return p.encoder == nil && p.direct == nil }

// put appends one packet to iov, which begins with head.
func (p *packets) put(iov [][]byte, head *[wire.MultiFDPacketSize]byte, b *memory.Block, numbers []uint64) ([][]byte, error) {
	k := &p.packet
	pages := p.sort(b, numbers)
	k.Flags = wire.MultiFDFlags(p.config.Method.Bits)
	k.Alloc = PacketPages
	k.Block = append(k.Block[:0], b.Name()...)
	k.Payload = k.Normal * memory.PageSize
	iov = append(iov, head[:])
	switch {
	case k.Normal == 0:
	case p.encoder == nil:
		iov = join(iov, b, k.Offsets[:], pages)
	default:
		var err error
		if p.payload, err = p.encoder.Encode(p.payload[:0], pages); err != nil {
			return nil, fmt.Errorf("multifd %d: %w", p.id, err)
		}
		k.Payload = uint32(len(p.payload))
		iov = append(iov, p.payload)
	}
	if p.paged.On() {
		p.paged.Tell(trace.Int("id", p.id), trace.Uint("normal", k.Normal), trace.Uint("zero", k.Zero))
	}
	p.fill(head)
	return iov, nil
}

// sort puts pages of b into the packet, those that are zero behind the others,
// and gives the memory of the others.
func (p *packets) sort(b *memory.Block, numbers []uint64) [][]byte {
	k := &p.packet
	k.Normal, k.Zero = 0, 0
	for _, page := range numbers {
		if p.config.FindZeros && b.IsZero(page) {
			p.zeros[k.Zero] = page * memory.PageSize
			k.Zero++
			continue
		}
		content := zeroPage[:] // reading what was never written would make the kernel map it
		if b.Populated(page) {
			content = b.Page(page)
		}
		k.Offsets[k.Normal] = page * memory.PageSize
		p.pages[k.Normal] = content
		k.Normal++
	}
	copy(k.Offsets[k.Normal:], p.zeros[:k.Zero])
	return p.pages[:k.Normal]
}

// Sync sends what tells the receiver to wait for the other lanes.
func (p *packets) Sync() error {
	if p.direct != nil {
		copied, err := p.direct.Flush()
		if err != nil {
			return err
		}
		if copied {
			p.config.Count.Copied.Add(1)
		}
	}
	p.packet = wire.MultiFDPacket{Flags: wire.MultiFDSync, Block: p.packet.Block[:0]}
	p.fill(&p.heads[0])
	return p.write(append(p.iov[:0], p.heads[0][:]))
}

// fill writes the packet, which is the next one of all lanes, to head.
func (p *packets) fill(head *[wire.MultiFDPacketSize]byte) {
	p.packet.Number = p.numbers.Add(1) - 1
	p.packet.Put(head)
	if p.filled.On() {
		p.filled.Tell(trace.Int("id", p.id), trace.Uint("packet_num", p.packet.Number), trace.Uint("flags", p.packet.Flags),
			trace.Uint("next_packet_size", p.packet.Payload))
	}
}

// send writes packets, each with the pages behind it. Where pages are not to be copied it is a single one, which itself
// is copied in any case: its memory is used again.
func (p *packets) send(iov [][]byte) error {
	if p.direct == nil {
		return p.write(iov)
	}
	if err := p.write(iov[:1]); err != nil {
		return err
	}
	n, err := p.direct.WriteVec(iov[1:])
	p.config.Count.Bytes.Add(uint64(n))
	return err
}

func (p *packets) write(iov [][]byte) error {
	n, err := p.conn.WriteVec(iov)
	p.config.Count.Bytes.Add(uint64(n))
	return err
}

func (p *packets) Close() {
	if p.encoder != nil {
		p.encoder.Close()
	}
}

// join appends normal pages of a block to iov; those that lie one behind the
// other become one piece.
func join(iov [][]byte, b *memory.Block, offsets []uint64, pages [][]byte) [][]byte {
	mem := b.Bytes()
	joined := false // the piece before can grow
	for i, page := range pages {
		own := &page[0] != &zeroPage[0]
		if last := len(iov) - 1; joined && own && offsets[i] == offsets[i-1]+memory.PageSize {
			end := offsets[i] + memory.PageSize
			iov[last] = mem[end-memory.PageSize-uint64(len(iov[last])) : end]
			continue
		}
		joined = own
		iov = append(iov, page)
	}
	return iov
}
