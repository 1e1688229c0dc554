package settings

import (
	"fmt"

	"qmpmigrate/qapi"
)

// SetProperty gives the property name of the object "migration" a value, as
// -global migration.NAME=VALUE does. Texts are QEMU's, without the prefix that
// says which option they are about. What the values have to do with each other
// is for CheckProperties.
func (s *Settings) SetProperty(name, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := s.property(name)
	if set == nil {
		return fmt.Errorf("Property 'migration.%s' not found", name)
	}
	return set(name, value)
}

// CheckProperties is called once all properties are set: the same checks as
// those of the commands, parameters first.
func (s *Settings) CheckProperties(now Situation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.compress.check(); err != nil {
		return err
	}
	if err := checkParameters(&s.parameters, s.capabilities); err != nil {
		return err
	}
	return s.checkCapabilities(capabilities{}, s.capabilities, now)
}

// setter reads a value for the property called name, and stores it.
type setter func(name, value string) error

// property finds where a property is kept; nil where there is none. Callers hold mu.
func (s *Settings) property(name string) setter {
	if c, ok := capabilityProperty(name); ok {
		return toBool(func(on bool) { s.capabilities[c] = on })
	}
	if set := s.compress.property(name); set != nil {
		return set
	}
	if set := s.disks.property(name); set != nil {
		return set
	}
	p := &s.parameters
	switch name {
	case "store-global-state", "send-configuration", "send-section-footer", "send-switchover-start", "x-preempt-pre-7-2",
		"multifd-flush-after-each-section", "multifd-clean-tls-termination":
		return toBool(func(on bool) { s.forced[name] = on })
	case rdmaProvider:
		return toProvider(&s.provider)
	case "x-clear-bitmap-shift":
		return toUint8(&s.clearBitmapShift)
	case "x-cpu-throttle-tailslow":
		return toBool(func(on bool) { p.CPUThrottleTailslow = &on })
	case "multifd-compression":
		return toEnum(&p.MultifdCompression, qapi.ParseMultiFDCompression)
	case "mode":
		return toEnum(&p.Mode, qapi.ParseMigMode)
	case "zero-page-detection":
		return toEnum(&p.ZeroPageDetection, qapi.ParseZeroPageDetection)
	case "x-checkpoint-delay":
		return toUint32(&p.XCheckpointDelay)
	}
	if number, ok := map[string]**uint8{
		"x-throttle-trigger-threshold": &p.ThrottleTriggerThreshold,
		"x-cpu-throttle-initial":       &p.CPUThrottleInitial,
		"x-cpu-throttle-increment":     &p.CPUThrottleIncrement,
		"max-cpu-throttle":             &p.MaxCPUThrottle,
		"multifd-channels":             &p.MultifdChannels,
		"multifd-zlib-level":           &p.MultifdZlibLevel,
		"multifd-qatzip-level":         &p.MultifdQatzipLevel,
		"multifd-zstd-level":           &p.MultifdZstdLevel,
	}[name]; ok {
		return toUint8Param(number)
	}
	if size, ok := map[string]**uint64{
		"x-max-bandwidth":            &p.MaxBandwidth,
		"avail-switchover-bandwidth": &p.AvailSwitchoverBandwidth,
		"xbzrle-cache-size":          &p.XBZRLECacheSize,
		"max-postcopy-bandwidth":     &p.MaxPostcopyBandwidth,
		"announce-initial":           &p.AnnounceInitial,
		"announce-max":               &p.AnnounceMax,
		"announce-rounds":            &p.AnnounceRounds,
		"announce-step":              &p.AnnounceStep,
	}[name]; ok {
		return toSize(size)
	}
	if number, ok := map[string]**uint64{
		"x-downtime-limit":          &p.DowntimeLimit,
		"x-vcpu-dirty-limit-period": &p.XVCPUDirtyLimitPeriod,
		"vcpu-dirty-limit":          &p.VCPUDirtyLimit,
	}[name]; ok {
		return toUint64(number)
	}
	if text, ok := map[string]**string{
		"tls-creds":    &p.TLSCreds,
		"tls-hostname": &p.TLSHostname,
		"tls-authz":    &p.TLSAuthz,
	}[name]; ok {
		return toText(text)
	}
	return nil
}

// capabilityProperty is the capability that a property switches: most have x-
// before their names, and some have no property.
func capabilityProperty(name string) (c qapi.MigrationCapability, ok bool) {
	switch name {
	case "mapped-ram", "x-colo":
		return qapi.ParseMigrationCapability(name)
	case "x-xbzrle", "x-rdma-pin-all", "x-auto-converge", "x-zero-blocks", "x-events", "x-postcopy-ram",
		"x-postcopy-preempt", "x-release-ram", "x-return-path", "x-multifd", "x-background-snapshot",
		"x-zero-copy-send", "x-switchover-ack", "x-dirty-limit":
		return qapi.ParseMigrationCapability(name[len("x-"):])
	}
	return "", false
}
