package blockmigration

import (
	"bytes"
	"encoding/binary"
	"testing"

	"qmpmigrate/core/block"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// expand makes a stream of a short text, in which the data of a piece is two bytes: where a run begins that is not zero, in
// units of 8 KiB, and what it holds. want is what the disk d then has, as long as the stream is good.
func expand(text []byte, want []byte) (body []byte) {
	sectors := uint64(len(want)+block.Sector-1) / block.Sector
	good := true
	for len(text) >= 8 && len(body) < 8*wire.BlockPiece {
		sector, flags := wire.SplitBlock(binary.BigEndian.Uint64(text))
		body, text = append(body, text[:8]...), text[8:]
		if flags&wire.BlockDevice == 0 {
			good = good && flags&wire.BlockProgress != 0 && flags&wire.BlockEOS == 0
			continue
		}
		if len(text) == 0 || len(text) <= int(text[0]) {
			break
		}
		name := text[1 : 1+text[0]]
		body, text = append(body, text[:1+len(name)]...), text[1+len(name):]
		var data []byte
		if flags&wire.BlockZero == 0 {
			if len(text) < 2 {
				break
			}
			data = make([]byte, wire.BlockPiece)
			for i := int(text[0]) << 13; i < len(data) && i < int(text[0])<<13+100<<10; i++ {
				data[i] = text[1]
			}
			body, text = append(body, data...), text[2:]
		} else {
			data = make([]byte, wire.BlockPiece)
		}
		if good = good && string(name) == "d" && sector < sectors; good {
			copy(want[sector*block.Sector:], data)
		}
		good = good && flags&wire.BlockEOS == 0
	}
	return append(body, text...)
}

// FuzzLoad: a disk holds what the good records of a stream say, up to the first that is not, and the other one nothing.
func FuzzLoad(f *testing.F) {
	zero := func(b []byte, sector uint64, name string, more wire.BlockFlags) []byte {
		return wire.AppendCounted(wire.AppendBlock(b, sector, wire.BlockDevice|wire.BlockZero|more), name)
	}
	piece := func(b []byte, sector uint64, name string, at, value byte) []byte {
		return append(wire.AppendCounted(wire.AppendBlock(b, sector, wire.BlockDevice), name), at, value)
	}
	eos := func(b []byte) []byte { return wire.AppendBlock(b, 0, wire.BlockEOS) }
	f.Add(eos(zero(nil, 0, "d", 0)))
	f.Add(eos(wire.AppendBlock(nil, 50, wire.BlockProgress)))
	f.Add(eos(zero(piece(piece(nil, 0, "d", 3, 7), 2048, "d", 0, 9), 100, "d", 0)))
	f.Add(zero(piece(nil, 1, "d", 120, 1), 2048, "d", wire.BlockEOS))
	f.Add(piece(piece(nil, 7, "d", 0, 1), 0, "x", 0, 1))
	f.Add(zero(piece(nil, 7, "d", 0, 1), 1<<54, "d", 0))
	f.Fuzz(func(t *testing.T, text []byte) {
		g := &block.Graph{}
		d, empty := drive(t, g, "d", 1<<20+300), drive(t, g, "empty", 0)
		want := make([]byte, d.Size())
		data := expand(text, want)
		r := stream.NewReader(bytes.NewReader(data))
		err := NewLoader(g).Load(r, wire.BlockVersion)
		if err == nil && r.Offset() > int64(len(data)) || err != nil && err.Error() == "" {
			t.Errorf("%v, and %d bytes of %d were taken", err, r.Offset(), len(data))
		}
		if !bytes.Equal(d.Bytes(), want) {
			t.Errorf("the disk holds something else, with %v", err)
		}
		if len(empty.Bytes()) != 0 {
			t.Error("a disk has grown")
		}
	})
}
