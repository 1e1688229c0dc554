package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// MaxDiscards is how many ranges one POSTCOPY_RAM_DISCARD may name.
const MaxDiscards = 12

// Range is a piece of a block, in bytes.
type Range struct{ Start, Length uint64 }

// AppendDiscard appends the payload of POSTCOPY_RAM_DISCARD: what the
// destination throws away of block, at most MaxDiscards ranges.
func AppendDiscard(b []byte, block string, ranges []Range) []byte {
	b = append(b, discardVersion, byte(len(block)))
	b = append(b, block...)
	b = append(b, 0)
	for _, r := range ranges {
		b = binary.BigEndian.AppendUint64(b, r.Start)
		b = binary.BigEndian.AppendUint64(b, r.Length)
	}
	return b
}

const discardVersion = 0

// Discard is the payload of POSTCOPY_RAM_DISCARD: what of a block the
// destination must not keep.
type Discard struct {
	Block string
	// Ranges holds pairs of a start and a length in bytes.
	Ranges []byte
}

// rangeSize is the length of one range.
const rangeSize = 16

// ParseDiscard takes the payload of POSTCOPY_RAM_DISCARD apart; what it says of
// a bad one is in QEMU's words. Ranges is part of payload.
func ParseDiscard(payload []byte) (Discard, error) {
	if len(payload) < 4+rangeSize {
		return Discard{}, fmt.Errorf("CMD_POSTCOPY_RAM_DISCARD invalid length (%d)", len(payload))
	}
	if version := payload[0]; version != discardVersion {
		return Discard{}, fmt.Errorf("CMD_POSTCOPY_RAM_DISCARD invalid version (%d)", version)
	}
	size, rest := int(payload[1]), payload[2:]
	if size == 0 || size >= len(rest) {
		return Discard{}, errors.New("CMD_POSTCOPY_RAM_DISCARD Failed to read RAMBlock ID")
	}
	name, rest := rest[:size], rest[size:]
	if rest[0] != 0 {
		return Discard{}, fmt.Errorf("CMD_POSTCOPY_RAM_DISCARD missing nil (%d)", rest[0])
	}
	if rest = rest[1:]; len(rest)%rangeSize != 0 {
		return Discard{}, fmt.Errorf("CMD_POSTCOPY_RAM_DISCARD invalid length (%d)", len(rest))
	}
	return Discard{Block: string(name), Ranges: rest}, nil
}

// Count is how many ranges there are.
func (d *Discard) Count() int { return len(d.Ranges) / rangeSize }

// Each gives each range, until do has an error.
func (d *Discard) Each(do func(start, length uint64) error) error {
	for r := d.Ranges; len(r) > 0; r = r[rangeSize:] {
		if err := do(binary.BigEndian.Uint64(r), binary.BigEndian.Uint64(r[8:])); err != nil {
			return err
		}
	}
	return nil
}
