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
	// Who sends a stream decides how many sections it has: none is searched for among all.
	described := make(map[DeviceKey]*vmstate.DeviceDesc, len(desc.Devices))
	for i := range desc.Devices {
		d := &desc.Devices[i]
		if key := (DeviceKey{d.Name, d.Instance}); described[key] == nil {
			described[key] = d
		}
	}
	came := make(map[DeviceKey]bool, len(devices))
	for _, d := range devices {
		key := DeviceKey{d.IDStr, d.Instance}
		came[key] = true
		body, ok := d.State.(*Opaque)
		if !ok {
			continue
		}
		if described[key] == nil {
			return fmt.Errorf("section '%s' %d at offset %d is not described", d.IDStr, d.Instance, body.Offset)
		}
		if _, err := vmstate.Dissect(described[key], body.Body); err != nil {
			return fmt.Errorf("at offset %d: %w", body.Offset, err)
		}
	}
	for _, d := range desc.Devices {
		if !came[DeviceKey{d.Name, d.Instance}] {
			return fmt.Errorf("section '%s' %d is described, but did not come", d.Name, d.Instance)
		}
	}
	return nil
}

// DeviceKey is what one section of a stream is told from all others by.
type DeviceKey struct {
	IDStr    string
	Instance uint32
}
