package qtest

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// read answers with memory, in hexadecimal or in base64.
func (s *Server) read(out []byte, w *words, b64 bool) []byte {
	addr, n := w.span()
	if w.err != nil {
		return out
	}
	if n == 0 && !b64 {
		w.fail("nothing to read")
		return out
	}
	data := make([]byte, n)
	s.look(w, addr, data)
	if b64 {
		return base64.StdEncoding.AppendEncode(append(out, "OK "...), data)
	}
	return hex.AppendEncode(append(out, "OK 0x"...), data)
}

// write writes memory. What is missing of the data counts as zeros.
func (s *Server) write(out []byte, w *words, b64 bool) []byte {
	addr, n := w.span()
	text := w.text()
	if w.err != nil {
		return out
	}
	if len(text) < 3 {
		return append(out, "ERR invalid argument size"...)
	}
	data := make([]byte, n)
	if b64 {
		given, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			w.fail("bad base64")
			return out
		}
		copy(data, given)
	} else {
		digits := text[2:]
		if !strings.HasPrefix(text, "0x") {
			w.fail("data does not begin with 0x")
			return out
		}
		digits = digits[:min(uint64(len(digits))&^1, 2*n)]
		if _, err := hex.Decode(data, []byte(digits)); err != nil {
			w.fail("bad hexadecimal data")
			return out
		}
	}
	s.put(w, addr, data)
	return append(out, "OK"...)
}

// fill writes the same byte all over.
func (s *Server) fill(out []byte, w *words) []byte {
	addr, n := w.span()
	pattern := byte(w.number())
	if w.err != nil {
		return out
	}
	data := make([]byte, n)
	if pattern != 0 {
		for i := range data {
			data[i] = pattern
		}
	}
	s.put(w, addr, data)
	return append(out, "OK"...)
}
