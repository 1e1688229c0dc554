package vfiosim

import (
	"sync"
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/wire"
)

// Device is one such device. A guest that it is plugged into runs it; one
// goroutine at a time saves or loads it.
type Device struct {
	conf   Config
	source source
	target target

	mu       sync.Mutex
	running  bool // the guest's vCPUs
	state    state
	contents contents
	// failed is what went wrong as the guest was stopped: whoever saves the
	// device hears of it.
	failed error
}

var _ guest.Device = (*Device)(nil)

// New makes a device, in the state RUNNING: so is every device that no guest
// has stopped yet.
func New(c Config) (*Device, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	d := &Device{conf: c, state: stateRunning, contents: contents{size: c.StateSize, rate: c.DirtyRate}}
	d.source.d, d.target.d = d, d
	return d, nil
}

// Live is its section.
func (d *Device) Live() []savevm.Live {
	return []savevm.Live{{IDStr: d.conf.idstr(), Instance: d.conf.Instance, Version: wire.VFIOVersion,
		Source: &d.source, Target: &d.target}}
}

// Sections is the same section once more, with the configuration space.
func (d *Device) Sections() []savevm.Device {
	return []savevm.Device{{IDStr: d.conf.idstr(), Instance: d.conf.Instance, State: &configSpace{d: d}}}
}

// Start lets it run with the guest.
func (d *Device) Start() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running, d.failed = true, nil
	next := stateRunningP2P
	if d.state == statePreCopy {
		next = statePreCopyP2P
	}
	d.tell(d.become(next, stateError))
	d.tell(d.become(stateRunning, stateError))
}

// Stop halts it with the guest.
func (d *Device) Stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running = false
	d.turn()
	next, last := stateRunningP2P, stateStop
	if d.state == statePreCopy {
		next, last = statePreCopyP2P, stateStopCopy
	}
	d.failed = d.become(next, stateError)
	if d.failed == nil {
		d.failed = d.become(last, stateError)
	}
}

// Reset gives it its first state back. The guest is stopped.
func (d *Device) Reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.contents.base, d.contents.since = 0, time.Time{}
	if d.state == stateError {
		d.enter(stateStop)
	}
}

func (d *Device) tell(err error) {
	if err != nil {
		d.report(err.Error())
	}
}

func (d *Device) report(text string) {
	if d.conf.Report != nil {
		d.conf.Report(text)
	}
}
