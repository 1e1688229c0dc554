package wire

import (
	"slices"
	"testing"
)

func TestMultiFDInit(t *testing.T) {
	var b [MultiFDInitSize]byte
	want := MultiFDInit{UUID: [16]byte{1, 15: 2}, ID: 7}
	if n := copy(b[:], AppendMultiFDInit(nil, want)); n != len(b) {
		t.Fatalf("%d bytes", n)
	}
	if got, err := ParseMultiFDInit(&b); err != nil || got != want {
		t.Errorf("%v, %v", got, err)
	}
	b[7] = 2
	if _, err := ParseMultiFDInit(&b); err == nil || err.Error() != "multifd: received packet version 2 expected 1" {
		t.Error(err)
	}
	copy(b[:], "QEVM")
	if _, err := ParseMultiFDInit(&b); err == nil || err.Error() != "multifd: received packet magic 5145564d expected 11223344" {
		t.Error(err)
	}
}

func TestMultiFDPacketBounds(t *testing.T) {
	for want, p := range map[string]MultiFDPacket{
		"multifd: received packet with 129 pages, expected 128": {Alloc: 129},
		"multifd: received packet with 4294967295 non-zero pages, which exceeds maximum expected pages 128": {
			Alloc: 128, Normal: 1<<32 - 1},
		"multifd: received packet with 4294967295 zero pages, expected maximum 118": {Alloc: 128, Normal: 10, Zero: 1<<32 - 1},
	} {
		var b [MultiFDPacketSize]byte
		full := p
		full.Normal, full.Zero = 0, 0
		full.Put(&b)
		for at, v := range map[int]uint32{16: p.Normal, 32: p.Zero} {
			b[at], b[at+1], b[at+2], b[at+3] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
		}
		if err := new(MultiFDPacket).Parse(&b); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func FuzzMultiFDPacket(f *testing.F) {
	var seed [MultiFDPacketSize]byte
	p := MultiFDPacket{Flags: MultiFDSync, Alloc: 128, Normal: 1, Zero: 1, Payload: 4096, Number: 3, Block: []byte("pc.ram")}
	p.Offsets[1] = 4096
	p.Put(&seed)
	f.Add(seed[:])
	endless := seed
	for i := multiFDBlock; i < multiFDOffsets; i++ {
		endless[i] = 'x'
	}
	f.Add(endless[:])
	f.Fuzz(func(t *testing.T, in []byte) {
		var b, again [MultiFDPacketSize]byte
		copy(b[:], in)
		if _, err := ParseMultiFDHead(b[:]); err != nil {
			return
		}
		var p, q MultiFDPacket
		if p.Parse(&b) != nil {
			return
		}
		if p.Normal+p.Zero > MultiFDPages || len(p.Block) > MaxName {
			t.Fatalf("%d pages of a block with %d characters", p.Normal+p.Zero, len(p.Block))
		}
		p.Put(&again)
		if err := q.Parse(&again); err != nil {
			t.Fatal(err)
		}
		if string(p.Block) != string(q.Block) || !slices.Equal(p.Offsets[:p.Normal+p.Zero], q.Offsets[:q.Normal+q.Zero]) ||
			p.Flags != q.Flags || p.Number != q.Number || p.Payload != q.Payload {
			t.Fatal("a packet changes when it is written again")
		}
	})
}
