package hmp

import "qmpmigrate/qapi"

func infoOptionCommands() table {
	return table{
		{
			name: "migrate_capabilities", help: "show current migration capabilities",
			run: (*call).infoCapabilities,
		},
		{name: "migrate_parameters", help: "show current migration parameters", run: (*call).infoParameters},
	}
}

func (c *call) infoCapabilities() error {
	list, err := c.commands().QueryMigrateCapabilities(c.ctx)
	for _, status := range list {
		c.out.printf("%s: %s\n", status.Capability, onOff(status.State))
	}
	return err
}

// infoParameters shows the parameters in QEMU's order, which is not that of their names. The levels of multifd's
// compression are not among them.
func (c *call) infoParameters() error {
	p, err := c.commands().QueryMigrateParameters(c.ctx)
	if err != nil {
		return err
	}
	show(c, qapi.MigrationParameterAnnounceInitial, "%d ms", p.AnnounceInitial)
	show(c, qapi.MigrationParameterAnnounceMax, "%d ms", p.AnnounceMax)
	show(c, qapi.MigrationParameterAnnounceRounds, "%d", p.AnnounceRounds)
	show(c, qapi.MigrationParameterAnnounceStep, "%d ms", p.AnnounceStep)
	show(c, qapi.MigrationParameterThrottleTriggerThreshold, "%d", p.ThrottleTriggerThreshold)
	show(c, qapi.MigrationParameterCPUThrottleInitial, "%d", p.CPUThrottleInitial)
	show(c, qapi.MigrationParameterCPUThrottleIncrement, "%d", p.CPUThrottleIncrement)
	show(c, qapi.MigrationParameterCPUThrottleTailslow, "%s", onOffIf(p.CPUThrottleTailslow))
	show(c, qapi.MigrationParameterMaxCPUThrottle, "%d", p.MaxCPUThrottle)
	show(c, qapi.MigrationParameterTLSCreds, "'%s'", p.TLSCreds)
	show(c, qapi.MigrationParameterTLSHostname, "'%s'", p.TLSHostname)
	show(c, qapi.MigrationParameterMaxBandwidth, "%d bytes/second", p.MaxBandwidth)
	show(c, qapi.MigrationParameterAvailSwitchoverBandwidth, "%d bytes/second", p.AvailSwitchoverBandwidth)
	show(c, qapi.MigrationParameterDowntimeLimit, "%d ms", p.DowntimeLimit)
	show(c, qapi.MigrationParameterXCheckpointDelay, "%d ms", p.XCheckpointDelay)
	show(c, qapi.MigrationParameterMultifdChannels, "%d", p.MultifdChannels)
	show(c, qapi.MigrationParameterMultifdCompression, "%s", p.MultifdCompression)
	show(c, qapi.MigrationParameterZeroPageDetection, "%s", p.ZeroPageDetection)
	show(c, qapi.MigrationParameterXBZRLECacheSize, "%d bytes", p.XBZRLECacheSize)
	show(c, qapi.MigrationParameterMaxPostcopyBandwidth, "%d", p.MaxPostcopyBandwidth)
	show(c, qapi.MigrationParameterTLSAuthz, "'%s'", p.TLSAuthz)
	if p.BlockBitmapMapping != nil {
		c.showMapping(p.BlockBitmapMapping)
	}
	show(c, qapi.MigrationParameterXVCPUDirtyLimitPeriod, "%d ms", p.XVCPUDirtyLimitPeriod)
	show(c, qapi.MigrationParameterVCPUDirtyLimit, "%d MB/s", p.VCPUDirtyLimit)
	show(c, qapi.MigrationParameterMode, "%s", p.Mode)
	show(c, qapi.MigrationParameterDirectIO, "%s", onOffIf(p.DirectIO))
	return nil
}

// show prints a parameter that is there.
func show[T any](c *call, name qapi.MigrationParameter, format string, value *T) {
	if value != nil {
		c.out.printf("%s: "+format+"\n", name, *value)
	}
}

func (c *call) showMapping(mapping []qapi.BitmapMigrationNodeAlias) {
	c.out.printf("%s:\n", qapi.MigrationParameterBlockBitmapMapping)
	for _, node := range mapping {
		c.out.printf("  '%s' -> '%s'\n", node.NodeName, node.Alias)
		for _, bitmap := range node.Bitmaps {
			c.out.printf("    '%s' -> '%s'\n", bitmap.Name, bitmap.Alias)
		}
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func onOffIf(on *bool) *string {
	if on == nil {
		return nil
	}
	return new(onOff(*on))
}
