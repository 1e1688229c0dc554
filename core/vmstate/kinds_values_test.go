package vmstate

import "math"

func filled() *everything {
	return &everything{
		B: true, I8: -2, I16: -2, I32: -2, I64: -2,
		U8: 0x12, U16: 0x1234, U32: 0x12345678, U64: 0x123456789abcdef0,
		Arr8: [2]uint8{1, 2}, Arr16: [2]uint16{1, 2}, Arr32: [2]uint32{1, 2}, Arr64: [2]uint64{1, 2},
		Bools: [2]bool{false, true}, N: 2, VArr: [4]uint32{1, 2}, Mult: [6]uint8{1, 2, 3, 4, 5, 6},
		Alloc: []int16{1, -1}, Eq8: 8, Eq16: 16, Eq32: 32, Eq64: 64, EqI32: -32, LE: 5,
		Timer: NotArmed, Timers: [2]int64{9, 10}, F: 1.5, Fs: [2]float64{0, math.Inf(-1)},
		Buf: [3]byte([]byte("abc")), VBuf: [4]byte{'d', 'e'}, ABuf: []byte("fghi"),
		Bits: [2]uint64{1, 1 << 63}, ABits: []uint64{0xff, 3},
		S: pair{1, 2}, V: pair{3, 4}, Pairs: [2]pair{{5, 6}, {7, 8}}, APairs: []pair{{9, 10}, {11, 12}},
		Ptrs: [3]*pair{{13, 14}, nil, {15, 16}}, Scalars: [2]*uint16{nil, new(uint16(0x102))}, TmpSrc: 4,
		Tail: []*pair{{1, 2}, {3, 4}}, List: []*pair{{5, 6}},
		Tree:  map[uint64]*pair{2: {3, 4}, 1: {1, 2}},
		Nodes: []*TreeNode[pair, pair]{{pair{1, 2}, pair{3, 4}}},
		Caps:  []string{"ab", "c"}, Own: "xyz",
	}
}

// empty is what a destination has before it loads: only what must agree.
func empty() *everything {
	return &everything{
		Eq8: 8, Eq16: 16, Eq32: 32, Eq64: 64, EqI32: -32, LE: 7,
		Ptrs: [3]*pair{{}, nil, {}}, Scalars: [2]*uint16{nil, new(uint16)},
	}
}
