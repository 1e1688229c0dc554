package memtest

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/vmstate"
)

// Disk is what the guest writes to.
type Disk interface {
	io.WriterAt
	// Peek reads like an io.ReaderAt, but the guest has no part in it.
	Peek(p []byte, off int64) (int, error)
	// Size is its length in bytes.
	Size() int64
}

const (
	// pieceSize is how much of a disk is written at once, in bytes.
	pieceSize = memory.PageSize
	// diskState is the name of its section.
	diskState = "memtest-disk"
	// diskSeed tells its stamps from those of memory.
	diskSeed = 0x6469736b
)

// diskWriter is a device that writes a disk while the vCPUs run: all pieces of
// it, each once a round, in an order that differs from round to round. Like a
// vCPU it is a number of visits, and what a piece must hold follows from it.
type diskWriter struct {
	disk   Disk
	rate   uint64
	pieces uint64
	failed func(error)

	schedule schedule
	steps    atomic.Uint64
	cancel   context.CancelFunc // nil: it stands still
	done     chan struct{}
}

// newDiskWriter makes one that writes rate bytes a second.
func newDiskWriter(disk Disk, rate uint64, failed func(error)) *diskWriter {
	pieces := uint64(disk.Size()) / pieceSize
	return &diskWriter{disk: disk, rate: rate, pieces: pieces, failed: failed, schedule: newSchedule(diskSeed, pieces, 0, 1)}
}

// Live is none.
func (*diskWriter) Live() []savevm.Live { return nil }

// Sections carry how far it came.
func (d *diskWriter) Sections() []savevm.Device {
	var steps uint64
	return []savevm.Device{{IDStr: diskState, State: &vmstate.Description{
		Name: diskState, Version: 1, MinVersion: 1,
		Fields: []vmstate.Field{
			vmstate.Uint64Equal("pieces", &d.pieces), vmstate.Uint64("rate", &d.rate), vmstate.Uint64("steps", &steps),
		},
		PreSave:  func() error { steps = d.steps.Load(); return nil },
		PostLoad: func(uint32) error { d.steps.Store(steps); return nil },
	}}}
}

// Start lets it write on from where it is.
func (d *diskWriter) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel, d.done = cancel, make(chan struct{})
	go d.run(ctx)
}

// Stop returns when it writes no more.
func (d *diskWriter) Stop() {
	if d.cancel != nil {
		d.cancel()
		<-d.done
		d.cancel = nil
	}
}

// Reset makes it begin anew.
func (d *diskWriter) Reset() { d.steps.Store(0) }

// run writes until ctx ends, or the disk cannot be written.
func (d *diskWriter) run(ctx context.Context) {
	defer close(d.done)
	if d.pieces == 0 {
		return
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	p := make([]byte, pieceSize)
	for pace := newPacer(d.rate, time.Now()); ctx.Err() == nil; {
		visits, wait := pace.grant(time.Now())
		for ; visits > 0 && ctx.Err() == nil; visits-- {
			if err := d.step(p); err != nil {
				d.failed(err)
				return
			}
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
}

// step writes the next piece.
func (d *diskWriter) step(p []byte) error {
	m := d.schedule.at(d.steps.Load())
	piece := m.order.page(m.done)
	stampPiece(p, piece, m.round+1)
	if _, err := d.disk.WriteAt(p, int64(piece)*pieceSize); err != nil {
		return err
	}
	d.steps.Add(1)
	return nil
}

// stampPiece fills p with what a piece holds after it was written gen times.
func stampPiece(p []byte, piece, gen uint64) {
	binary.LittleEndian.PutUint64(p, piece^mix(diskSeed))
	binary.LittleEndian.PutUint64(p[8:], gen)
	src := noise(hash(diskSeed^piece, gen))
	for at := 16; at < len(p); at += 8 {
		binary.LittleEndian.PutUint64(p[at:], src.next())
	}
}

// ErrNoDisk is of a guest that writes no disk.
var ErrNoDisk = errors.New("the guest writes no disk")

// VerifyDisk compares the disk with what the guest must have left there. Its
// Report counts pieces of 4096 bytes, and as pieces those that were written. The
// guest must be stopped (ErrRunning).
func (m *Machine) VerifyDisk(ctx context.Context) (*Report, error) {
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer m.leave()
	switch {
	case m.disk == nil:
		return nil, ErrNoDisk
	case m.running.Load():
		return nil, ErrRunning
	}
	return m.disk.verify(ctx)
}

func (d *diskWriter) verify(ctx context.Context) (*Report, error) {
	r := &Report{}
	if d.pieces == 0 {
		return r, nil
	}
	moment := d.schedule.at(d.steps.Load())
	got, want := make([]byte, pieceSize), make([]byte, pieceSize)
	for piece := range d.pieces {
		gen := moment.generation(piece)
		if gen == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := d.disk.Peek(got, int64(piece)*pieceSize); err != nil {
			return nil, err
		}
		r.Pages++
		if f, bad := lookAtPiece(got, want, piece, gen); bad {
			r.add(f)
		}
	}
	return r, nil
}

// lookAtPiece says what is wrong with a piece; want is room for what it must be.
func lookAtPiece(got, want []byte, piece, gen uint64) (f Finding, bad bool) {
	stampPiece(want, piece, gen)
	if string(got) == string(want) {
		return f, false
	}
	number, found := binary.LittleEndian.Uint64(got)^mix(diskSeed), binary.LittleEndian.Uint64(got[8:])
	f = Finding{Page: piece, Kind: Torn, Expected: gen, Found: found}
	if number == piece || found == 0 {
		number = piece
	}
	stampPiece(want, number, found)
	switch {
	case allZeros(got):
		f.Kind, f.Found = Zeroed, 0
	case string(got) != string(want):
	case number != piece:
		f.Kind, f.Other = Swapped, number
	case found < gen:
		f.Kind = Stale
	default:
		f.Kind = Ahead
	}
	return f, true
}

func allZeros(p []byte) bool {
	for _, b := range p {
		if b != 0 {
			return false
		}
	}
	return true
}
