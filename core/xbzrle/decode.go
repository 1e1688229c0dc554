package xbzrle

// Decode makes page, which is as the encoder's old one was, its new one. ok is
// false where src is not what an encoder writes; page is then changed in part.
// src may come from anywhere.
func Decode(page, src []byte) (ok bool) {
	for at, first := 0, true; len(src) > 0; first = false {
		same, rest, ok := number(src)
		if !ok || same == 0 && !first || same > len(page)-at {
			return false
		}
		at += same
		other, rest, ok := number(rest)
		if !ok || other == 0 || other > len(page)-at || other > len(rest) {
			return false
		}
		at += copy(page[at:], rest[:other])
		src = rest[other:]
	}
	return true
}

// number takes a number, behind which something must follow.
func number(src []byte) (v int, rest []byte, ok bool) {
	if len(src) < numberMax {
		return 0, nil, false
	}
	if src[0] < 0x80 {
		return int(src[0]), src[1:], true
	}
	return int(src[0]&0x7f) | int(src[1])<<7, src[2:], src[1] < 0x80
}
