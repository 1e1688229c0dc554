package memtest

import (
	"qmpmigrate/core/guest"
	"qmpmigrate/core/savevm"
)

// plugged is the hardware besides the machine's own.
type plugged []guest.Device

func (p plugged) start() {
	for _, d := range p {
		d.Start()
	}
}

func (p plugged) stop() {
	for _, d := range p {
		d.Stop()
	}
}

func (p plugged) reset() {
	for _, d := range p {
		d.Reset()
	}
}

// sections are the FULL ones.
func (p plugged) sections() (all []savevm.Device) {
	for _, d := range p {
		all = append(all, d.Sections()...)
	}
	return all
}

// live are those of which parts go out while the guest runs.
func (p plugged) live() (all []savevm.Live) {
	for _, d := range p {
		all = append(all, d.Live()...)
	}
	return all
}

// LiveDevices are those that were plugged in.
func (m *Machine) LiveDevices() []savevm.Live { return m.plugged.live() }

// Primaries are those that are unplugged before the guest moves.
func (m *Machine) Primaries() (all []guest.Primary) {
	for _, d := range m.plugged {
		if p, ok := d.(guest.Primary); ok {
			all = append(all, p)
		}
	}
	return all
}
