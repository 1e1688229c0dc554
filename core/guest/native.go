package guest

import (
	"errors"
	"fmt"
	"strings"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/wire"
)

// Native makes a Machine of a guest that knows its blocks and devices in advance.
// extra are devices besides the guest's own, sent after them.
func Native(g Guest, conf savevm.Configuration, extra ...savevm.Device) Machine {
	return &native{Guest: g, conf: conf, extra: extra}
}

// IsNative says whether m is one of Native's, which no program but this one can load.
func IsNative(m Machine) bool {
	_, ok := m.(*native)
	return ok
}

type native struct {
	Guest
	conf  savevm.Configuration
	extra []savevm.Device
}

func (n *native) Configuration() *savevm.Configuration { return &n.conf }

func (n *native) Description() []byte { return nil }

func (n *native) Devices() []savevm.Device {
	own := n.Guest.Devices()
	return append(own[:len(own):len(own)], n.extra...)
}

// LiveDevices are the guest's, where it has any.
func (n *native) LiveDevices() []savevm.Live {
	if g, ok := n.Guest.(Live); ok {
		return g.LiveDevices()
	}
	return nil
}

// Configure compares as QEMU does: the name that came may be a prefix of ours.
func (n *native) Configure(c *savevm.Configuration) error {
	if !strings.HasPrefix(n.conf.Machine, c.Machine) {
		return fmt.Errorf("Machine type received is '%s' and local is '%s'", c.Machine, n.conf.Machine)
	}
	// Only a size above the least one is in the stream.
	if there, here := max(c.PageBits, wire.PageBits), max(n.conf.PageBits, wire.PageBits); there != here {
		return fmt.Errorf("Received TARGET_PAGE_BITS is %d but local is %d", there, here)
	}
	return nil
}

func (n *native) Block(name string, used uint64) (*memory.Block, error) {
	for _, b := range n.Blocks() {
		if b.Name() != name {
			continue
		}
		if b.Size() != used {
			return nil, fmt.Errorf("Size mismatch: %s: 0x%x != 0x%x: Invalid argument", name, used, b.Size())
		}
		return b, nil
	}
	return nil, fmt.Errorf("Unknown ramblock \"%s\", cannot accept migration", name)
}

func (n *native) Device(idstr string, instance uint32) (savevm.State, bool) {
	for _, d := range n.Devices() {
		if d.IDStr == idstr && d.Instance == instance {
			return d.State, true
		}
	}
	return nil, false
}

var errNoDescription = errors.New("Expected vmdescription section, but the stream ended")

// Describe needs none of the text: it only tells a whole stream from a cut one.
func (n *native) Describe(text []byte) error {
	if len(text) == 0 {
		return errNoDescription
	}
	return nil
}

func (n *native) Loaded() error { return nil }
