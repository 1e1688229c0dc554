package memtest

import (
	"io"
	"sync"

	"qmpmigrate/core/vmstate"
)

// fifoSize is how many bytes the port takes before its guest has to wait: that
// of a 16550A.
const fifoSize = 16

// serialPort is the guest's serial port, output only. A slow reader holds up
// neither the vCPU nor its Stop: bytes wait in the port, and those that were
// not handed to the writer when the guest stopped migrate.
type serialPort struct {
	out io.Writer

	mu      sync.Mutex
	fifo    [fifoSize]byte
	num     uint8
	running bool
	pumping bool // a goroutine is on its way to the writer
}

// put sends one byte. False means that the port is full: try again.
func (s *serialPort) put(b byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.num == fifoSize {
		return false
	}
	s.fifo[s.num] = b
	s.num++
	s.pump()
	return true
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

// pump makes sure that somebody writes what there is. mu is held.
func (s *serialPort) pump() {
	if s.running && !s.pumping && s.num > 0 {
		s.pumping = true
		go s.drain()
	}
}

func (s *serialPort) drain() {
	var buf [fifoSize]byte
	for {
		s.mu.Lock()
		n := copy(buf[:], s.fifo[:s.num])
		if !s.running || n == 0 {
			s.pumping = false
			s.mu.Unlock()
			return
		}
		s.num = 0
		s.mu.Unlock()
		// As with a wire: nobody learns that nobody was at the other end.
		_, _ = s.out.Write(buf[:n])
	}
}

func (s *serialPort) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.num = 0
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
			num, data = s.num, [fifoSize]byte{}
			copy(data[:], s.fifo[:s.num])
			return nil
		},
		PostLoad: func(uint32) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.num, s.fifo = num, data
			return nil
		},
	}
}
