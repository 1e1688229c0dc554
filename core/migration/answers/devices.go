package answers

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/savevm"
	"qmpmigrate/core/trace"
)

// Devices are those of a destination's sections that take part in the
// migration around them, and how many of them still owe an ack.
type Devices struct {
	devices []savevm.Receiving
	owing   int
	acked   func() error // tells the source that none owes one any more
	points  points
}

// NewDevices lets the sections set up. acked is nil where no acks are
// wanted, events where nobody is told.
func NewDevices(ctx context.Context, live []savevm.Live, acked func() error, events *trace.Set) (*Devices, error) {
	r := &Devices{acked: acked, points: newPoints(events)}
	r.points.setup.Tell()
	var approve func() error
	if acked != nil {
		approve = r.approve
	}
	for _, l := range live {
		d, ok := l.Target.(savevm.Receiving)
		if !ok {
			continue
		}
		if err := d.LoadSetup(ctx, approve); err != nil {
			r.Cleanup()
			return nil, fmt.Errorf("Load state of device %s failed: %w", l.IDStr, err)
		}
		r.devices = append(r.devices, d)
		if d.SwitchoverAckNeeded() {
			r.owing++
		}
	}
	r.points.owed.Tell(trace.Int("switchover_ack_pending_num", r.owing))
	return r, nil
}

// approve takes a device's word that it is ready.
func (r *Devices) approve() error {
	if r.owing == 0 {
		return unix.EINVAL
	}
	r.owing--
	r.points.approve.Tell(trace.Int("switchover_ack_pending_num", r.owing))
	if r.owing > 0 {
		return nil
	}
	return r.acked()
}

// Switchover tells the sections that the switchover begins.
func (r *Devices) Switchover() error {
	for _, d := range r.devices {
		if err := d.SwitchoverStart(); err != nil {
			return err
		}
	}
	return nil
}

// Cleanup ends what NewDevices began.
func (r *Devices) Cleanup() {
	r.points.cleanup.Tell()
	for _, d := range r.devices {
		d.LoadCleanup()
	}
}
