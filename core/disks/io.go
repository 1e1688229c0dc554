package disks

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
	"qmpmigrate/qapi/scalar"
)

// maxRequest is the longest access of one command, in bytes: it is read into memory.
const maxRequest = 256 << 20

// IO carries one command of qemu-io out on a disk: read, write, flush, length,
// and aio_read, aio_write and aio_flush, which count as the guest's. These end
// before it returns, too.
// qdev says that the name is a device's. What it has to say goes to out: as with
// QEMU, that a command failed is no error.
func (s *Set) IO(name string, qdev bool, command string, out io.Writer) error {
	b, err := s.target(name, qdev)
	if b.Node == nil {
		return err
	}
	words := strings.Fields(command)
	if len(words) == 0 {
		return nil
	}
	r := request{node: b.Node, out: out}
	switch words[0] {
	case "read", "r":
		r.name, r.usage = "read", "[-qv] [-P pattern [-s off] [-l len]] off len -- reads a number of bytes at a specified offset"
	case "write", "w":
		r.name, r.usage = "write", "[-fqz] [-P pattern] off len -- writes a number of bytes at a specified offset"
	case "aio_read":
		r.name, r.usage, r.stats = "aio_read", "[-iqv] [-P pattern] off len [len..] -- asynchronously reads a number of bytes", b.Stats
	case "aio_write":
		r.name, r.usage, r.stats = "aio_write", "[-fiqz] [-P pattern] off len [len..] -- asynchronously writes a number of bytes", b.Stats
	case "flush", "f":
		_ = b.Node.Flush()
		return nil
	case "aio_flush":
		b.Stats.Done(block.Flush, 0, time.Now(), nil)
		return nil
	case "length", "l":
		r.say("%s\n", sized(float64(b.Node.Size())))
		return nil
	default:
		r.say("command %q not found\n", words[0])
		return nil
	}
	if len(words) < 3 {
		r.say("bad argument count %d to %s, expected at least 2 arguments\n", len(words)-1, words[0])
		return nil
	}
	if r.parse(words[1:]) {
		r.run()
	}
	return nil
}

// target finds the disk of a drive, of a node, which counts nothing, or with qdev
// of a device. One without medium has no node.
func (s *Set) target(name string, qdev bool) (block.Backend, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.drives {
		switch {
		case !qdev && d.id == name && name != "", qdev && d.device == name && name != "":
			return block.Backend{Node: d.node, Stats: d.stats}, nil
		case qdev && d.device == "/machine/peripheral/"+name+"/virtio-backend":
			return block.Backend{}, qapi.Errorf("Device does not have a block device backend")
		}
	}
	if qdev {
		return block.Backend{}, qapi.ClassErrorf(qapi.DeviceNotFound, "Device '%s' not found", name)
	}
	if n := s.graph.Node(name); n != nil {
		return block.Backend{Node: n, Stats: &block.Stats{}}, nil
	}
	return block.Backend{}, qapi.Errorf("Cannot find device='' nor node-name='%s'", name)
}

// request is one read or write.
type request struct {
	node        *block.Node
	out         io.Writer
	name, usage string
	stats       *block.Stats // nil: it does not count

	off, length   int64
	pattern       int // -1: none was given
	zeros         bool
	quiet, dump   bool
	invalid       bool
	flush         bool
	from, compare int64 // what of it is to be the pattern; compare -1: all
}

func (r *request) say(format string, args ...any) { fmt.Fprintf(r.out, format, args...) }

// parse reads the command's arguments; false means that it said what is wrong.
func (r *request) parse(words []string) bool {
	r.pattern, r.compare = -1, -1
	letters := map[string]string{"read": "Pslqv", "write": "Pfqz", "aio_read": "Piqv", "aio_write": "Pfiqz"}[r.name]
	for len(words) > 0 && len(words[0]) > 1 && words[0][0] == '-' {
		flags := words[0][1:]
		words = words[1:]
		for flags != "" {
			letter := flags[:1]
			flags = flags[1:]
			if !strings.Contains(letters, letter) {
				r.say("%s %s\n", r.name, r.usage)
				return false
			}
			value := ""
			if takesValue(letter) {
				if value = flags; value == "" && len(words) > 0 {
					value, words = words[0], words[1:]
				}
				flags = ""
			}
			if !r.flag(letter, value) {
				return false
			}
		}
	}
	if r.invalid {
		return true
	}
	if len(words) < 2 || len(words) > 2 && (r.stats == nil || r.zeros) {
		r.say("%s %s\n", r.name, r.usage)
		return false
	}
	if r.zeros && r.pattern >= 0 {
		r.say("Only one of -z, -P, and -s can be specified at the same time\n")
		return false
	}
	if !r.number(words[0], &r.off) {
		return false
	}
	for _, word := range words[1:] {
		var length int64
		if !r.number(word, &length) {
			return r.refuse()
		}
		if length > maxRequest-r.length && !r.zeros {
			r.say("length cannot exceed %d, given %s\n", maxRequest, word)
			return r.refuse()
		}
		r.length += length
	}
	if r.compare < 0 {
		r.compare = r.length - r.from
	}
	if r.compare < 0 || r.compare > r.length-r.from {
		r.say("pattern verification range exceeds end of read data\n")
		return false
	}
	return true
}

// refuse counts a request that cannot be, where it counts, and gives false.
func (r *request) refuse() bool {
	if r.stats != nil {
		r.stats.Refused(r.kind())
	}
	return false
}

func (r *request) kind() block.Access {
	if strings.HasSuffix(r.name, "write") {
		return block.Write
	}
	return block.Read
}

func (r *request) flag(letter, value string) bool {
	switch letter {
	case "q":
		r.quiet = true
	case "v":
		r.dump = true
	case "i":
		r.invalid = true
	case "z":
		r.zeros = true
	case "f":
		r.flush = true
	case "s":
		return r.number(value, &r.from)
	case "l":
		return r.number(value, &r.compare)
	case "P":
		n, err := strconv.ParseUint(value, 0, 8)
		if err != nil {
			r.say("%s is not a valid pattern byte\n", value)
			return false
		}
		r.pattern = int(n)
	}
	return true
}

func (r *request) number(text string, n *int64) bool {
	value, err := scalar.Size(text)
	switch {
	case err != nil:
		r.say("Parsing error: non-numeric argument, or extraneous/unrecognized suffix -- %s\n", text)
		return false
	case value > 1<<63-1:
		r.say("Parsing error: argument too large -- %s\n", text)
		return false
	}
	*n = int64(value)
	return true
}

func (r *request) run() {
	if r.invalid {
		r.say("injecting invalid %s request\n", strings.TrimPrefix(r.name, "aio_"))
		r.refuse()
		return
	}
	began := time.Now()
	var err error
	var p []byte
	write := r.kind() == block.Write
	switch {
	case write && r.node.ReadOnly():
		r.say("Block node is read-only\n")
		return
	case r.off > r.node.Size() || r.length > r.node.Size()-r.off:
		err = errors.New("Input/output error")
	case r.zeros:
		err = r.node.WriteZeros(r.off, r.length)
	case write:
		_, err = r.node.WriteAt(filled(r.length, r.pattern, 0xcd), r.off)
	default:
		p = make([]byte, r.length)
		_, err = r.node.ReadAt(p, r.off)
	}
	if err == nil && r.flush {
		err = r.node.Flush()
	}
	took := time.Since(began)
	if r.stats != nil && !r.zeros {
		r.stats.Done(r.kind(), r.length, began, err)
	}
	if err != nil {
		name := r.name
		if name == "aio_read" {
			name = "readv"
		}
		r.say("%s failed: %s\n", name, block.Strerror(err))
		return
	}
	if !write && r.pattern >= 0 {
		for _, b := range p[r.from : r.from+r.compare] {
			if int(b) != r.pattern {
				r.say("Pattern verification failed at offset %d, %d bytes\n", r.off+r.from, r.compare)
				break
			}
		}
	}
	if r.quiet {
		return
	}
	if r.dump {
		r.show(p)
	}
	r.report(took)
}

// filled is what is written: the pattern, or otherwise what stands for none.
func filled(length int64, pattern int, otherwise byte) []byte {
	p := make([]byte, length)
	if pattern >= 0 {
		otherwise = byte(pattern)
	}
	for i := range p {
		p[i] = otherwise
	}
	return p
}

func (r *request) report(took time.Duration) {
	done := "read"
	if r.kind() == block.Write {
		done = "wrote"
	}
	seconds := max(took.Seconds(), 1e-9)
	clock := fmt.Sprintf("%05.2f sec", seconds)
	if took >= time.Second {
		minutes := int(took.Minutes())
		clock = fmt.Sprintf("%d:%02d:%05.2f", minutes/60, minutes%60, seconds-float64(minutes*60))
	}
	r.say("%s %d/%d bytes at offset %d\n", done, r.length, r.length, r.off)
	r.say("%s, 1 ops; %s (%s/sec and %.4f ops/sec)\n", sized(float64(r.length)), clock, sized(float64(r.length)/seconds), 1/seconds)
}

// show prints bytes, sixteen a line.
func (r *request) show(p []byte) {
	for i := 0; i < len(p); i += 16 {
		line := p[i:min(i+16, len(p))]
		text := make([]byte, len(line))
		for j, b := range line {
			text[j] = '.'
			if b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' {
				text[j] = b
			}
		}
		r.say("%08x:  % x  %s\n", r.off+int64(i), line, text)
	}
}

// sized is a number of bytes as people read it.
func sized(n float64) string {
	for i, unit := range []string{"EiB", "PiB", "TiB", "GiB", "MiB", "KiB"} {
		if one := float64(uint64(1) << (60 - 10*i)); n >= one {
			return strings.TrimSuffix(fmt.Sprintf("%.3f", n/one), ".000") + " " + unit
		}
	}
	return strings.TrimSuffix(fmt.Sprintf("%.3f", n), ".000") + " bytes"
}

// takesValue says whether a letter is that of an option with a value.
func takesValue(letter string) bool { return letter == "P" || letter == "s" || letter == "l" }
