package memtest

import "context"

// Boot gives memory its first contents, as Start does unless it was done. Under
// a filling workload that takes time, a third of a second per GiB on two cores
// and several seconds where the host must find the memory first; ctx ends it,
// and the next Boot or Start begins again.
func (m *Machine) Boot(ctx context.Context) error {
	if err := m.enter(); err != nil {
		return err
	}
	booted, err := m.booted, error(nil)
	if !booted {
		err = m.program.boot(ctx)
	}
	m.leave()
	if booted || err != nil {
		return err
	}
	m.gate.Lock()
	defer m.gate.Unlock()
	m.booted = true
	return nil
}

// Start boots if need be (Boot) and lets the vCPUs run on from where they are.
// It waits for a Verify that is under way.
func (m *Machine) Start() error {
	if m.stint != nil {
		return nil
	}
	if err := m.Boot(m.closing); err != nil {
		return err
	}
	m.gate.Lock()
	defer m.gate.Unlock()
	m.running.Store(true)
	m.board.serial.start()
	s := &stint{wake: make(chan struct{}), throttle: &m.throttle}
	rate := m.program.rate()
	for i, c := range m.cpus {
		if w := m.program.walker(i, c.steps); w != nil {
			s.vcpus.Go(func() { c.run(w, rate, s) })
		}
	}
	m.stint = s
	return nil
}

// Stop returns when no vCPU touches memory any more and nothing leaves the
// serial port: after the visits that are under way, some microseconds.
func (m *Machine) Stop() {
	if m.stint == nil {
		return
	}
	m.stint.end()
	m.stint = nil
	m.board.serial.stop()
	m.running.Store(false)
}

// Reset takes a stopped machine back to power-on. Memory keeps its contents
// until Start.
func (m *Machine) Reset() {
	m.Stop()
	m.gate.Lock()
	defer m.gate.Unlock()
	for _, c := range m.cpus {
		c.steps = 0
	}
	m.board.serial.reset()
	m.booted = false
}

// SetThrottle makes every vCPU rest for percent of the time, 0 to 99; more is
// 99. It acts at once.
func (m *Machine) SetThrottle(percent int) {
	m.throttle.Store(uint32(min(max(percent, 0), 99)))
}
