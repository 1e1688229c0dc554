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
		m.board.ram.Refresh()
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
	if m.running.Load() {
		return nil
	}
	if err := m.Boot(m.closing); err != nil {
		return err
	}
	m.gate.Lock()
	defer m.gate.Unlock()
	if err := m.engine.start(); err != nil {
		return err
	}
	m.running.Store(true)
	m.plugged.start()
	m.serial.start()
	m.obey()
	return nil
}

// Stop returns when no vCPU touches memory any more and nothing leaves the
// serial port: after the visits that are under way, some microseconds.
func (m *Machine) Stop() {
	if !m.running.Load() {
		return
	}
	m.engine.stop()
	m.serial.stop()
	m.plugged.stop()
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
	m.serial.reset()
	m.plugged.reset()
	m.board.power.reset()
	m.booted = false
}

// SetThrottle makes every vCPU rest for percent of the time, 0 to 99; more is
// 99. It acts at once.
func (m *Machine) SetThrottle(percent int) {
	m.engine.throttle(uint32(min(max(percent, 0), 99)))
}

// Threads are the system's threads of the vCPUs.
func (m *Machine) Threads() []int { return m.engine.threads() }
