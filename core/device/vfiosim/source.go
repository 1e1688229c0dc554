package vfiosim

import (
	"fmt"
	"sync/atomic"
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// source gives the device's state away.
type source struct {
	d    *Device
	sent atomic.Uint64 // bytes of data
	acks bool          // switchover-ack
	// told is set once the destination was told that all initial data is there.
	told    bool
	opened  bool           // the header went out
	due     *memory.Bitmap // chunks that were not sent, or were rewritten since; nil before Start
	initial uint64         // the first chunks, as many as are initial data
	next    uint64         // where the scan goes on
	seen    uint64         // the rewrites that due knows of
	scratch []byte
}

var (
	_ savevm.Preparing = (*source)(nil)
	_ savevm.VFIO      = (*source)(nil)
)

// VFIOTransferred is how many bytes of the device's state the migration has sent.
func (s *source) VFIOTransferred() uint64 { return s.sent.Load() }

// Prepare refuses what such a device cannot do.
func (s *source) Prepare(p savevm.Plan) error {
	if p.Postcopy {
		return fmt.Errorf("%s: VFIO migration is not supported with postcopy migration", s.d.conf.Name())
	}
	if p.Background {
		return fmt.Errorf("%s: VFIO migration is not supported with background snapshot", s.d.conf.Name())
	}
	s.acks = p.SwitchoverAck
	s.sent.Store(0)
	return nil
}

// Start begins to note what the device rewrites, and lets one that can give its
// state away do so from now on.
func (s *source) Start(w *stream.Writer, now time.Time) error {
	d := s.d
	d.mu.Lock()
	defer d.mu.Unlock()
	s.told, s.opened, s.next = false, false, 0
	s.initial = d.conf.initialChunks()
	s.due = memory.NewBitmap(d.contents.chunks())
	s.due.SetAll()
	s.seen = d.contents.writes(now)
	if d.conf.Precopy != PrecopyNone && d.state == stateRunning {
		if err := d.become(statePreCopy, stateRunning); err != nil {
			return err
		}
	}
	w.U64(uint64(wire.VFIOSetup))
	w.U64(uint64(wire.VFIOEnd))
	return nil
}

// Active says that the device gives something away while it runs.
func (s *source) Active() bool {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	return s.d.state.precopies()
}

// Pending is what it could give away now.
func (s *source) Pending() uint64 {
	switch {
	case !s.Active():
		return 0
	case s.d.conf.Precopy == PrecopyInitial:
		return (s.initial - s.next) * chunkSize
	}
	return s.due.Count() * chunkSize
}

// Sync is what the device has to give away until its state is complete.
func (s *source) Sync(now time.Time) uint64 {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	c := &s.d.contents
	writes, chunks := c.writes(now), c.chunks()
	for w := max(s.seen, writes-min(writes, chunks)); w < writes; w++ {
		s.due.Set(w % chunks)
	}
	s.seen = writes
	return s.due.Count() * chunkSize
}

// Iterate sends the initial data in one piece, as far as there is room, and then
// what is due.
func (s *source) Iterate(w *stream.Writer, room func() int64) error {
	s.open(w)
	for w.Err() == nil && room() > 0 && s.step(w, s.d.conf.Precopy == PrecopyInitial) {
		if s.acks && !s.told && s.next >= s.initial {
			break
		}
	}
	if s.acks && !s.told && s.next >= s.initial {
		s.told = true
		w.U64(uint64(wire.VFIOInitialSent))
		return nil
	}
	w.U64(uint64(wire.VFIOEnd))
	return nil
}

// Complete sends what is due, and how often the device has rewritten chunks.
func (s *source) Complete(w *stream.Writer) error {
	d := s.d
	d.mu.Lock()
	err := d.failed
	if err == nil {
		err = d.become(stateStopCopy, stateStop)
	}
	writes := d.contents.writes(time.Now())
	d.mu.Unlock()
	if err != nil {
		return err
	}
	s.open(w)
	for w.Err() == nil && s.step(w, false) {
	}
	s.record(w, record{kind: recordEnd, a: writes})
	w.U64(uint64(wire.VFIOEnd))
	return nil
}

// Close leaves the states that only a migration has.
func (s *source) Close() {
	d := s.d
	d.mu.Lock()
	defer d.mu.Unlock()
	s.due, s.scratch = nil, nil
	switch {
	case d.state == stateStopCopy:
		d.tell(d.become(stateStop, stateError))
	case d.state.precopies():
		d.tell(d.become(stateRunning, stateError))
	}
}

// open sends the header, before everything else.
func (s *source) open(w *stream.Writer) {
	if !s.opened {
		s.opened = true
		s.record(w, record{kind: recordHeader, a: s.d.conf.StateSize, b: s.d.conf.InitialSize})
	}
}

// step sends a chunk, or says that there is none to be sent.
func (s *source) step(w *stream.Writer, initialOnly bool) bool {
	if s.next < s.initial {
		s.chunk(w, s.next)
		s.next++
		return true
	}
	if initialOnly {
		return false
	}
	i, n := s.due.NextRun(s.next, 1)
	if n == 0 {
		i, n = s.due.NextRun(0, 1)
	}
	if n == 0 {
		return false
	}
	s.chunk(w, i)
	s.next = max(i+1, s.initial)
	return true
}

// chunk sends chunk i as it is now.
func (s *source) chunk(w *stream.Writer, i uint64) {
	s.due.ClearRange(i, 1)
	d := s.d
	d.mu.Lock()
	generation := d.contents.generation(i, d.contents.writes(time.Now()))
	length := d.contents.length(i)
	d.mu.Unlock()
	if cap(s.scratch) < chunkSize {
		s.scratch = make([]byte, chunkSize)
	}
	p := s.scratch[:length]
	fill(p, i, generation)
	s.record(w, record{kind: recordChunk, a: i, b: generation, data: p})
}

// record sends a piece of data.
func (s *source) record(w *stream.Writer, r record) {
	var head [recordSize]byte
	size := recordSize + len(r.data)
	w.U64(uint64(wire.VFIOData))
	w.U64(uint64(size))
	w.Write(r.append(head[:0]))
	w.Write(r.data)
	s.sent.Add(uint64(size))
}
