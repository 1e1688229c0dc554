package emulator

import (
	"bytes"
	"io"
)

// A pump is one direction of a connection through a proxy.
type pump struct {
	corrupt map[int64]byte
	limit   int64         // bytes until it is cut, 0 is never
	mark    []byte        // what it looks for, to close marked
	marked  chan struct{} // bytes count for the limit once this is closed

	at    int64  // in the stream
	count int64  // bytes behind the mark
	tail  []byte // last bytes, for a mark that comes in two parts
}

// forward copies what comes, with its harm; it ends with the stream, or where that is cut.
func (p *pump) forward(to io.Writer, from io.Reader) (cut bool) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		part := buffer[:n]
		for offset, mask := range p.corrupt {
			if offset >= p.at && offset < p.at+int64(n) {
				part[offset-p.at] ^= mask
			}
		}
		p.at += int64(n)
		if rest, ends := p.allowed(part); ends {
			part, cut = rest, true
		}
		if _, werr := to.Write(part); cut || err != nil || werr != nil {
			return cut
		}
	}
}

// allowed counts what came and returns how much of it gets through, if the limit is in it.
func (p *pump) allowed(part []byte) (rest []byte, ends bool) {
	behind := len(part)
	select {
	case <-p.marked:
	default:
		if behind = p.find(part); behind < 0 {
			return part, false
		}
		close(p.marked)
	}
	p.count += int64(behind)
	if p.limit == 0 || p.count < p.limit {
		return part, false
	}
	return part[:len(part)-int(p.count-p.limit)], true
}

// find looks for the mark and returns how much of the part is behind it, negative if it has not come.
func (p *pump) find(part []byte) int {
	if p.mark == nil {
		return -1
	}
	before := len(p.tail)
	p.tail = append(p.tail, part...)
	if i := bytes.Index(p.tail, p.mark); i >= 0 {
		return before + len(part) - i - len(p.mark)
	}
	keep := min(len(p.tail), len(p.mark)-1)
	p.tail = append(p.tail[:0], p.tail[len(p.tail)-keep:]...)
	return -1
}
