package fault

// Read passes bytes up to the next fault.
func (c *Conn) Read(p []byte) (int, error) { return c.ReadVec([][]byte{p}) }

// ReadVec passes bytes up to the next fault.
func (c *Conn) ReadVec(iov [][]byte) (int, error) {
	size := total(iov)
	if size == 0 {
		return c.Conn.ReadVec(iov)
	}
	flips := c.strike(&c.read)
	n, err := c.Conn.ReadVec(head(iov, c.read.room(size)))
	switch {
	case n > 0:
		first(iov)[0] ^= flips
	case flips != 0: // nothing came: the fault is still to happen
		c.read.faults = append([]Fault{Corrupt(c.read.pos, flips)}, c.read.faults...)
	}
	c.read.pos += int64(n)
	return n, err
}

// Write passes bytes, with pauses and changes where faults are.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.WriteVec([][]byte{p})
	return int(n), err
}

// WriteVec passes bytes, with pauses and changes where faults are.
func (c *Conn) WriteVec(iov [][]byte) (int64, error) {
	var written int64
	for left := total(iov); left > 0; {
		var piece [][]byte
		if flips := c.strike(&c.write); flips != 0 {
			piece = [][]byte{{first(iov)[0] ^ flips}} // the caller's memory stays as it is
		} else {
			piece = head(iov, c.write.room(left))
		}
		n, err := c.Conn.WriteVec(piece)
		written += n
		left -= n
		c.write.pos += n
		if err != nil {
			return written, err
		}
		iov = tail(iov, n)
	}
	return written, nil
}

func total(iov [][]byte) (n int64) {
	for _, b := range iov {
		n += int64(len(b))
	}
	return n
}

// first is the first buffer that is not empty.
func first(iov [][]byte) []byte {
	for _, b := range iov {
		if len(b) > 0 {
			return b
		}
	}
	return nil
}

// head is the first n bytes of the buffers, as new slices of the same memory.
func head(iov [][]byte, n int64) [][]byte {
	var out [][]byte
	for _, b := range iov {
		if n == 0 {
			break
		}
		b = b[:min(int64(len(b)), n)]
		out = append(out, b)
		n -= int64(len(b))
	}
	return out
}

// tail is what follows the first n bytes.
func tail(iov [][]byte, n int64) [][]byte {
	for i, b := range iov {
		if int64(len(b)) > n {
			return append([][]byte{b[n:]}, iov[i+1:]...)
		}
		n -= int64(len(b))
	}
	return nil
}
