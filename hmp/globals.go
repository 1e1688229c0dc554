package hmp

// Globals are what of a migration's stream the machine's type and the command line decide.
type Globals struct {
	StoreGlobalState    bool
	OnlyMigratable      bool
	SendConfiguration   bool
	SendSectionFooter   bool
	SendSwitchoverStart bool
	ClearBitmapShift    uint8
}

// defaultGlobals are those of a machine of QEMU 10.0.
func defaultGlobals() Globals {
	return Globals{StoreGlobalState: true, SendConfiguration: true, SendSectionFooter: true, SendSwitchoverStart: true,
		ClearBitmapShift: 18}
}

// printGlobals is the head of info migrate.
func (c *call) printGlobals(g Globals) {
	c.out.printf("globals:\nstore-global-state: %s\nonly-migratable: %s\nsend-configuration: %s\n",
		onOff(g.StoreGlobalState), onOff(g.OnlyMigratable), onOff(g.SendConfiguration))
	c.out.printf("send-section-footer: %s\nsend-switchover-start: %s\nclear-bitmap-shift: %d\n",
		onOff(g.SendSectionFooter), onOff(g.SendSwitchoverStart), g.ClearBitmapShift)
}
