package savevm

import (
	"fmt"

	"qmpmigrate/core/vmstate"
)

// CheckDescription holds opaque devices against the description that came with
// them: the same sections, and every byte of every body a part of some field.
// What passes was cut out of the stream at the right places.
func CheckDescription(text []byte, devices []Device) error {
	desc, err := vmstate.ParseDescription(text)
	if err != nil {
		return err
	}
	for _, d := range devices {
		body, ok := d.State.(*Opaque)
		if !ok {
			continue
		}
		described := desc.Device(d.IDStr, d.Instance, 0)
		if described == nil {
			return fmt.Errorf("section '%s' %d at offset %d is not described", d.IDStr, d.Instance, body.Offset)
		}
		if _, err := vmstate.Dissect(described, body.Body); err != nil {
			return fmt.Errorf("at offset %d: %w", body.Offset, err)
		}
	}
	for _, described := range desc.Devices {
		if !has(devices, described.Name, described.Instance) {
			return fmt.Errorf("section '%s' %d is described, but did not come", described.Name, described.Instance)
		}
	}
	return nil
}

func has(devices []Device, idstr string, instance uint32) bool {
	for _, d := range devices {
		if d.IDStr == idstr && d.Instance == instance {
			return true
		}
	}
	return false
}
