package vmstate

import (
	"encoding/binary"
	"math"
	"strings"
)

// typeUint64Equal is QEMU's name for an unsigned number, although it says int.
const typeUint64Equal = "int64 equal"

// typeNull is the type of a nil pointer in an array of pointers.
const typeNull = "nullptr"

// Value decodes the numbers that n holds: bool, int64, uint64 or float64, or a
// slice of one of them for an array, or a string for a capability. It is nil
// for what has fields of its own and for bytes without a known meaning.
func (n *Node) Value() any {
	if len(n.Children) > 0 || n.Count < 1 || n.Size == 0 || int64(n.Size)%n.Count != 0 {
		return nil
	}
	size := int(int64(n.Size) / n.Count)
	typ := strings.TrimSuffix(strings.TrimSuffix(n.Type, " equal"), " le")
	if n.Type == typeUint64Equal {
		typ = "uint64"
	}
	switch {
	case typ == "bool" && size == 1:
		return decode(n, size, func(u uint64) bool { return u != 0 })
	case typ == "CPU_Double_U" && size == 8:
		return decode(n, size, math.Float64frombits)
	case typ == "bitmap" && size%8 == 0 && n.Count == 1:
		return words(n.Raw)
	case typ == "capability" && n.Count == 1 && int(n.Raw[0]) == n.Size-1:
		return string(n.Raw[1:])
	case typ == "timer" && size == 8 || signed(typ) == size:
		shift := 64 - 8*size
		return decode(n, size, func(u uint64) int64 { return int64(u<<shift) >> shift })
	case unsigned(typ) == size:
		return decode(n, size, func(u uint64) uint64 { return u })
	}
	return nil
}

func signed(typ string) int   { return intSize(typ, "int") }
func unsigned(typ string) int { return intSize(typ, "uint") }

// intSize is the bytes of an integer type, 0 for other types.
func intSize(typ, kind string) int {
	switch strings.TrimPrefix(typ, kind) {
	case "8":
		return 1
	case "16":
		return 2
	case "32":
		return 4
	case "64":
		return 8
	}
	return 0
}

// decode gives one value, or a slice where n is an array.
func decode[T any](n *Node, size int, convert func(uint64) T) any {
	if n.Count == 1 {
		return convert(bigEndian(n.Raw))
	}
	all := make([]T, n.Count)
	for i := range all {
		all[i] = convert(bigEndian(n.Raw[i*size:][:size]))
	}
	return all
}

func bigEndian(b []byte) uint64 {
	var u uint64
	for _, c := range b {
		u = u<<8 | uint64(c)
	}
	return u
}

func words(b []byte) []uint64 {
	all := make([]uint64, 0, len(b)/8)
	for ; len(b) >= 8; b = b[8:] {
		all = append(all, binary.BigEndian.Uint64(b))
	}
	return all
}
