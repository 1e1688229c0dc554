package qtest

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// words are the arguments of a request. The first error sticks.
type words struct {
	list []string
	err  error
}

// text takes the next argument.
func (w *words) text() string {
	if len(w.list) == 0 {
		w.fail("too few arguments")
		return ""
	}
	word := w.list[0]
	w.list = w.list[1:]
	return word
}

// number takes the next argument, a number as C writes it.
func (w *words) number() uint64 {
	word := w.text()
	n, err := strconv.ParseUint(word, 0, 64)
	if err != nil {
		if m, signed := strconv.ParseInt(word, 0, 64); signed == nil {
			return uint64(m)
		}
		w.fail("bad number '%s'", word)
	}
	return n
}

// span takes an address and a length.
func (w *words) span() (addr uint64, n uint64) {
	addr, n = w.number(), w.number()
	if n > maxSpan {
		w.fail("%d bytes are too many", n)
		n = 0
	}
	return addr, n
}

func (w *words) fail(format string, a ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, a...)
	}
}

// answer appends the answer to a request, without its line end.
func (s *Server) answer(out []byte, line string) []byte {
	list := strings.Split(line, " ")
	w := &words{list: list[1:]}
	name := list[0]
	start := len(out)
	switch name {
	case "endianness":
		out = append(out, "OK little"...)
	case "readb", "readw", "readl", "readq":
		out = s.readNumber(out, w, width(name))
	case "writeb", "writew", "writel", "writeq":
		out = s.writeNumber(out, w, width(name))
	case "read", "b64read":
		out = s.read(out, w, name == "b64read")
	case "write", "b64write":
		out = s.write(out, w, name == "b64write")
	case "memset":
		out = s.fill(out, w)
	case "clock_step", "clock_set":
		out = s.time(out, w, name == "clock_step")
	case "irq_intercept_in", "irq_intercept_out", "set_irq_in", "outb", "outw", "outl":
		// There are no interrupts and no ports: nothing is what comes of it.
		out = append(out, "OK"...)
	case "inb", "inw", "inl":
		out = fmt.Appendf(out, "OK 0x%04x", uint64(1)<<(8*width(name))-1)
	default:
		out = fmt.Appendf(out, "FAIL Unknown command '%s'", printable(name))
	}
	if w.err != nil {
		return fmt.Appendf(out[:start], "FAIL %v", w.err)
	}
	return out
}

// width is how many bytes the last letter of a command stands for.
func width(command string) int {
	return map[byte]int{'b': 1, 'w': 2, 'l': 4, 'q': 8}[command[len(command)-1]]
}

func (s *Server) readNumber(out []byte, w *words, width int) []byte {
	addr := w.number()
	var b [8]byte
	s.look(w, addr, b[:width])
	return fmt.Appendf(out, "OK 0x%016x", binary.LittleEndian.Uint64(b[:]))
}

func (s *Server) writeNumber(out []byte, w *words, width int) []byte {
	addr, value := w.number(), w.number()
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], value)
	s.put(w, addr, b[:width])
	return append(out, "OK"...)
}

// look reads memory; where there is none it reads as zeros, as on QEMU's bus.
func (s *Server) look(w *words, addr uint64, p []byte) {
	if w.err == nil && s.memory.ReadPhys(addr, p) != nil {
		clear(p)
	}
}

// put writes memory; where there is none nothing happens.
func (s *Server) put(w *words, addr uint64, p []byte) {
	if w.err == nil {
		_ = s.memory.WritePhys(addr, p)
	}
}

// time lets the clock go on, or sets it.
func (s *Server) time(out []byte, w *words, step bool) []byte {
	ns := int64(1) // to the next timer, of which there is none
	if len(w.list) > 0 || !step {
		ns = int64(w.number())
	}
	if w.err != nil {
		return out
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if step {
		ns += s.clock
	}
	s.clock = max(s.clock, ns)
	return strconv.AppendInt(append(out, "OK "...), s.clock, 10)
}

// printable keeps an answer one line of text, and short.
func printable(name string) string {
	const most = 64
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return '?'
		}
		return c
	}, name)
	return name[:min(len(name), most)]
}
