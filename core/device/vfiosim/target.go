package vfiosim

import (
	"context"
	"fmt"
	"time"

	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// target takes the device's state in.
type target struct {
	d       *Device
	ctx     context.Context // ends when loading is given up
	approve func() error
	opened  bool     // the header came
	whole   bool     // all came, and is right
	got     []uint64 // by chunk: its generation and one; 0 until it came
	initial uint64   // chunks of initial data that are missing
	missing uint64   // chunks that are missing
	ready   bool     // made ready
	busy    time.Time
	piece   [maxRecord]byte
}

var (
	_ savevm.Receiving  = (*target)(nil)
	_ savevm.Estimating = (*target)(nil)
)

// LoadSetup makes the device one that takes its state in.
func (t *target) LoadSetup(ctx context.Context, approve func() error) error {
	d := t.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.become(stateResuming, d.state); err != nil {
		return err
	}
	t.ctx, t.approve = ctx, approve
	t.opened, t.whole, t.ready, t.busy = false, false, false, time.Time{}
	t.got = make([]uint64, d.contents.chunks())
	t.missing, t.initial = d.contents.chunks(), d.conf.initialChunks()
	return nil
}

// SwitchoverAckNeeded says that initial data comes early.
func (t *target) SwitchoverAckNeeded() bool { return t.d.conf.Precopy != PrecopyNone }

// SwitchoverStart changes nothing for a device whose data comes in the section.
func (t *target) SwitchoverStart() error { return nil }

// LoadCleanup gives the tables back.
func (t *target) LoadCleanup() {
	t.d.mu.Lock()
	defer t.d.mu.Unlock()
	t.got, t.ctx = nil, nil
}

// Load reads one body.
func (t *target) Load(r *stream.Reader, _ uint32) error {
	name := t.d.conf.Name()
	for {
		tag := wire.VFIOTag(r.U64())
		if r.Err() != nil {
			return r.Err()
		}
		switch tag {
		case wire.VFIOEnd:
			return nil
		case wire.VFIOSetup:
			if end := wire.VFIOTag(r.U64()); r.Err() == nil && end != wire.VFIOEnd {
				return fmt.Errorf("%s: SETUP STATE: EOS not found 0x%x", name, uint64(end))
			}
			return r.Err()
		case wire.VFIOData:
			if err := t.data(r); err != nil {
				return err
			}
		case wire.VFIOInitialSent:
			return t.initialSent()
		default:
			return fmt.Errorf("%s: Unknown tag 0x%x", name, uint64(tag))
		}
	}
}

// initialSent takes the source's word that all initial data is there. What
// takes time was done as the data came.
func (t *target) initialSent() error {
	name := t.d.conf.Name()
	if t.approve == nil || !t.SwitchoverAckNeeded() {
		return fmt.Errorf("%s: Received INIT_DATA_SENT but switchover ack is not used", name)
	}
	if err := t.approve(); err != nil {
		return refused(name, err)
	}
	return nil
}

// data takes a piece of data.
func (t *target) data(r *stream.Reader) error {
	size := r.U64()
	if r.Err() != nil || size == 0 {
		return r.Err()
	}
	if size > maxRecord {
		return t.broken(fmt.Errorf("a piece of %d bytes is too large: %w", size, errInvalid))
	}
	p := t.piece[:size]
	r.Full(p)
	if r.Err() != nil {
		return r.Err()
	}
	rec, err := parseRecord(p)
	if err == nil {
		err = t.take(rec)
	}
	if err != nil {
		return t.broken(err)
	}
	return nil
}

// broken puts the device into its error state, out of which only a reset leads.
func (t *target) broken(err error) error {
	t.d.mu.Lock()
	defer t.d.mu.Unlock()
	t.d.state = stateError
	return fmt.Errorf("%s: %w", t.d.conf.Name(), err)
}

// LoadEstimate is the time that it takes to make ready, unless that was done,
// and to take what never came yet.
func (t *target) LoadEstimate() time.Duration {
	t.d.mu.Lock()
	defer t.d.mu.Unlock()
	if t.got == nil || t.whole {
		return 0
	}
	left := max(time.Until(t.busy), 0) + t.loading(t.missing*chunkSize)
	if !t.ready {
		left += t.d.conf.Prepare
	}
	return left
}

// loading is how long the device takes for so many bytes.
func (t *target) loading(bytes uint64) time.Duration {
	if t.d.conf.LoadBandwidth == 0 {
		return 0
	}
	return time.Duration(float64(bytes) / float64(t.d.conf.LoadBandwidth) * float64(time.Second))
}
