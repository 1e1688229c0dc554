package failover

import (
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/vmstate"
)

// Sections is what the guest's driver knows. No QEMU has such a section.
func (c *Card) Sections() []savevm.Device {
	return []savevm.Device{{IDStr: c.conf.Card + "/net-sim", State: c.state()}}
}

func (c *Card) state() *vmstate.Description {
	var known bool
	return &vmstate.Description{
		Name: "net-sim", Version: 1, MinVersion: 1,
		Fields: []vmstate.Field{vmstate.Bool("negotiated", &known)},
		PreSave: func() error {
			c.mu.Lock()
			defer c.mu.Unlock()
			known = c.negotiated
			return nil
		},
		PostLoad: func(uint32) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			if known {
				c.negotiate()
			}
			return nil
		},
	}
}
