package memtest

import (
	"bytes"
	"fmt"

	"qmpmigrate/core/savevm"
	"qmpmigrate/core/vmstate"
)

// workloadState is the name of the device that carries the workload.
const workloadState = "memtest-workload"

// describe makes the list of devices.
func (m *Machine) describe() []savevm.Device {
	var devices []savevm.Device
	for i, c := range m.cpus {
		devices = append(devices, savevm.Device{IDStr: "cpu", Instance: uint32(i), State: m.cpuState(c)})
	}
	devices = append(devices,
		savevm.Device{IDStr: "serial", State: m.serial.state()},
		savevm.Device{IDStr: workloadState, State: m.workloadState()})
	return append(devices, m.plugged.sections()...)
}

func (m *Machine) cpuState(c *vcpu) *vmstate.Description {
	var steps uint64
	return &vmstate.Description{
		Name: "cpu", Version: 1, MinVersion: 1,
		Fields:  []vmstate.Field{vmstate.Uint64("steps", &steps)},
		PreSave: func() error { steps = c.steps; return nil },
		PostLoad: func(uint32) error {
			m.gate.Lock()
			defer m.gate.Unlock()
			c.steps = steps
			return nil
		},
	}
}

// workloadState has the options of the workload that runs as a subsection of
// its name, so that each workload has its own, and a destination needs none of
// the options that the source was started with.
func (m *Machine) workloadState() *vmstate.Description {
	var (
		name   [16]byte
		booted bool
		given  Workload // the one whose options were in the stream
	)
	cpus := uint32(len(m.cpus))
	d := &vmstate.Description{
		Name: workloadState, Version: 1, MinVersion: 1,
		Fields: []vmstate.Field{
			vmstate.Buffer("workload", name[:]),
			vmstate.Uint32Equal("cpus", &cpus),
			vmstate.Bool("booted", &booted),
		},
		PreSave: func() error {
			name, booted = [16]byte{}, m.booted
			copy(name[:], m.workload.Name())
			return nil
		},
		PreLoad: func() error { given = nil; return nil },
		PostLoad: func(uint32) error {
			text, _, _ := bytes.Cut(name[:], []byte{0})
			w := m.find(string(text))
			if w == nil {
				return fmt.Errorf("unknown workload %q", text)
			}
			if given != w && len(w.fields()) > 0 {
				return fmt.Errorf("the options of workload %s are missing", text)
			}
			return m.goOnWith(w, booted)
		},
	}
	d.Subsections = append(d.Subsections, m.board.power.state(workloadState+"/power"))
	for _, w := range m.workloads {
		if fields := w.fields(); len(fields) > 0 {
			d.Subsections = append(d.Subsections, &vmstate.Description{
				Name: workloadState + "/" + w.Name(), Version: 1, MinVersion: 1,
				Fields:   fields,
				Needed:   func() bool { return m.workload == w },
				PostLoad: func(uint32) error { given = w; return w.check() },
			})
		}
	}
	return d
}

func (m *Machine) find(name string) Workload {
	for _, w := range m.workloads {
		if w.Name() == name {
			return w
		}
	}
	return nil
}

// goOnWith takes over a workload that came with the stream.
func (m *Machine) goOnWith(w Workload, booted bool) error {
	m.gate.Lock()
	defer m.gate.Unlock()
	m.use(w)
	m.booted = booted
	return nil
}
