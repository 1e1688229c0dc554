package disks

import (
	"errors"
	"io"
	"strings"
	"time"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
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

func (r *request) kind() block.Access {
	if strings.HasSuffix(r.name, "write") {
		return block.Write
	}
	return block.Read
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
