package memtest

import (
	"io"
	"sync"

	"qmpmigrate/core/vmstate"
)

// line is a serial port as the guest has it.
type line interface {
	// put sends one byte. False means that the port is full: try again.
	put(b byte) bool
	// empty says whether all that was put has left the port.
	empty() bool
}

// serialPort is the guest's serial port, output only. A slow reader holds up
// neither the vCPU nor its Stop: bytes wait in the port, and those that were
// not handed to the writer when the guest stopped migrate.
type serialPort struct {
	out io.Writer

	mu      sync.Mutex
	fifo    *fifo
	running bool
	pumping bool // a goroutine is on its way to the writer
}

func (s *serialPort) put(b byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ok := s.fifo.push(b)
	s.pump()
	return ok
}

func (s *serialPort) empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fifo.empty()
}

// ring tells the port that something was put into its FIFO.
func (s *serialPort) ring() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pump()
}

func (s *serialPort) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = true
	s.pump()
}

// stop returns when no byte leaves the port any more. A write that is under way
// goes on by itself: its bytes are not the port's any more.
func (s *serialPort) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = false
}

// use gives the port its FIFO, which is not its own. Another one, in the end,
// makes it forget the first.
func (s *serialPort) use(f *fifo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fifo = f
}

// pump makes sure that somebody writes what there is. mu is held.
func (s *serialPort) pump() {
	if s.running && !s.pumping && !s.fifo.empty() {
		s.pumping = true
		go s.drain()
	}
}

func (s *serialPort) drain() {
	var buf [fifoSize]byte
	for {
		s.mu.Lock()
		n := 0
		if s.running {
			n = s.fifo.take(&buf)
		} else {
			s.fifo.busy.Store(false)
		}
		if n == 0 {
			s.pumping = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		// As with a wire: nobody learns that nobody was at the other end.
		_, _ = s.out.Write(buf[:n])
	}
}

func (s *serialPort) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fifo.load(nil)
}

// state goes through a copy, because drain may still look at the port.
func (s *serialPort) state() *vmstate.Description {
	var num uint8
	var data [fifoSize]byte
	return &vmstate.Description{
		Name: "serial", Version: 1, MinVersion: 1,
		Fields: []vmstate.Field{
			vmstate.Uint8("xmit_fifo.num", &num),
			vmstate.Validate("xmit_fifo.size", func(uint32) bool { return num <= fifoSize }),
			vmstate.Buffer("xmit_fifo.data", data[:]),
		},
		PreSave: func() error {
			s.mu.Lock()
			defer s.mu.Unlock()
			data = [fifoSize]byte{}
			num = uint8(s.fifo.waiting(&data))
			return nil
		},
		PostLoad: func(uint32) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.fifo.load(data[:num])
			return nil
		},
	}
}
