package adopt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/savevm"
)

var _ guest.Replaceable = (*Machine)(nil)

// Another makes an empty machine.
func (m *Machine) Another() guest.Machine { return New() }

// Replace takes the VM of another adopted machine over. One that is here already is
// replaced by another state of the same type of machine.
func (m *Machine) Replace(with guest.Machine) error {
	other, ok := with.(*Machine)
	if !ok {
		return errors.New("only another adopted machine can take the place of one")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	other.mu.Lock()
	defer other.mu.Unlock()
	if len(m.blocks) > 0 && m.conf.Machine != other.conf.Machine {
		return fmt.Errorf("Machine type received is '%s' and local is '%s'", other.conf.Machine, m.conf.Machine)
	}
	var errs []error
	for _, b := range m.blocks {
		errs = append(errs, b.Discard(0, b.Pages()))
	}
	m.retired = append(m.retired, m.blocks...)
	m.conf, m.blocks, m.devices, m.device = other.conf, other.blocks, other.devices, other.device
	m.live, m.liveAt = other.live, other.liveAt
	m.description, m.undescribed, m.lacks = other.description, other.undescribed, other.lacks
	other.blocks = nil
	return errors.Join(errs...)
}

// Clock is how long the VM ran, as its timers say; 0 where they do not.
func (m *Machine) Clock() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.devices {
		// Three numbers of 64 bits, the last of which is it.
		if o, ok := d.State.(*savevm.Opaque); ok && d.IDStr == "timer" && len(o.Body) >= 24 {
			return max(time.Duration(binary.BigEndian.Uint64(o.Body[16:])), 0)
		}
	}
	return 0
}
