package xbzrle

// The same format, a byte at a time: the yardstick of Encode and Decode.

func plainEncode(dst, old, new []byte) (n int, ok bool) {
	for i := 0; i < len(new); {
		if n+2 > len(dst) {
			return 0, false
		}
		same := 0
		for i < len(new) && old[i] == new[i] {
			same, i = same+1, i+1
		}
		if i == len(new) {
			break
		}
		n += plainNumber(dst[n:], same)
		if n+2 > len(dst) {
			return 0, false
		}
		var other []byte
		for i < len(new) && old[i] != new[i] {
			other, i = append(other, new[i]), i+1
		}
		n += plainNumber(dst[n:], len(other))
		if n+len(other) > len(dst) {
			return 0, false
		}
		for _, b := range other {
			dst[n] = b
			n++
		}
	}
	return n, true
}

func plainNumber(dst []byte, v int) int {
	if v < 128 {
		dst[0] = byte(v)
		return 1
	}
	dst[0], dst[1] = byte(128+v%128), byte(v/128)
	return 2
}

func plainDecode(page, src []byte) bool {
	number := func(i int) (v, size int) {
		switch {
		case len(src)-i < 2:
			return 0, 0
		case src[i] < 128:
			return int(src[i]), 1
		case src[i+1] < 128:
			return int(src[i]-128) + 128*int(src[i+1]), 2
		}
		return 0, 0
	}
	at := 0
	for i := 0; i < len(src); {
		same, size := number(i)
		if size == 0 || i > 0 && same == 0 {
			return false
		}
		i, at = i+size, at+same
		if at > len(page) {
			return false
		}
		other, size := number(i)
		if size == 0 || other == 0 {
			return false
		}
		i += size
		if at+other > len(page) || i+other > len(src) {
			return false
		}
		for range other {
			page[at] = src[i]
			at, i = at+1, i+1
		}
	}
	return true
}
