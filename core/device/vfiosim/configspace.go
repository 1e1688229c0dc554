package vfiosim

import (
	"encoding/binary"
	"errors"
	"fmt"

	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/core/wire"
)

// configSpace is the PCI configuration space of a device.
type configSpace struct{ d *Device }

var _ savevm.State = (*configSpace)(nil)

// The device's vendor and device: QEMU's own, and a number that nobody else has there.
const (
	vendorID     = 0x1b36
	deviceID     = 0x00f1
	configLength = 256
)

var errOtherDevice = errors.New("the configuration space is another device's")

func (c *configSpace) fields() *vmstate.Description {
	space := make([]byte, configLength)
	fill := func() error {
		binary.LittleEndian.PutUint16(space, vendorID)
		binary.LittleEndian.PutUint16(space[2:], deviceID)
		return nil
	}
	return &vmstate.Description{
		Name: "VFIOPCIDevice", Version: 1, MinVersion: 1,
		Fields:  []vmstate.Field{vmstate.Buffer("config", space)},
		PreSave: fill,
		PostLoad: func(uint32) error {
			if binary.LittleEndian.Uint16(space) != vendorID || binary.LittleEndian.Uint16(space[2:]) != deviceID {
				return fmt.Errorf("%w: %w", errOtherDevice, errInvalid)
			}
			return nil
		},
	}
}

// VersionID is the section's.
func (c *configSpace) VersionID() uint32 { return wire.VFIOVersion }

// Save writes the space between its tags. Nothing of it is described, as in QEMU.
func (c *configSpace) Save(w *stream.Writer, desc *vmstate.DescWriter) error {
	began := w.Offset()
	w.U64(uint64(wire.VFIOConfig))
	if err := c.fields().Save(w, nil); err != nil {
		return err
	}
	w.U64(uint64(wire.VFIOEnd))
	desc.Opaque(w.Offset() - began)
	return nil
}

// Load reads it. The device's state must be there already.
func (c *configSpace) Load(r *stream.Reader, _ uint32) error {
	name := c.d.conf.Name()
	if tag := wire.VFIOTag(r.U64()); r.Err() == nil && tag != wire.VFIOConfig {
		return fmt.Errorf("%s: Unknown tag 0x%x", name, uint64(tag))
	}
	if err := c.fields().Load(r, 1); err != nil {
		return fmt.Errorf("%s: Failed to load device config space: %w", name, err)
	}
	if end := wire.VFIOTag(r.U64()); r.Err() == nil && end != wire.VFIOEnd {
		return fmt.Errorf("%s: Failed loading device config space, end flag incorrect 0x%x", name, uint64(end))
	}
	if r.Err() == nil && !c.d.target.whole {
		return fmt.Errorf("%s: the device's state did not come: %w", name, errInvalid)
	}
	return r.Err()
}
