package settings

import (
	"qmpmigrate/core/ram"
	"qmpmigrate/qapi"
)

// defaultParameters are QEMU's.
func defaultParameters() qapi.MigrationParameters {
	return qapi.MigrationParameters{
		AnnounceInitial:          new(uint64(50)),
		AnnounceMax:              new(uint64(550)),
		AnnounceRounds:           new(uint64(5)),
		AnnounceStep:             new(uint64(100)),
		ThrottleTriggerThreshold: new(uint8(50)),
		CPUThrottleInitial:       new(uint8(20)),
		CPUThrottleIncrement:     new(uint8(10)),
		CPUThrottleTailslow:      new(false),
		TLSCreds:                 new(""),
		TLSHostname:              new(""),
		TLSAuthz:                 new(""),
		MaxBandwidth:             new(uint64(128 << 20)),
		AvailSwitchoverBandwidth: new(uint64(0)),
		DowntimeLimit:            new(uint64(300)),
		XCheckpointDelay:         new(uint32(20000)),
		MultifdChannels:          new(uint8(2)),
		XBZRLECacheSize:          new(uint64(64 << 20)),
		MaxPostcopyBandwidth:     new(uint64(0)),
		MaxCPUThrottle:           new(uint8(99)),
		MultifdCompression:       new(qapi.MultiFDCompressionNone),
		MultifdZlibLevel:         new(uint8(1)),
		MultifdQatzipLevel:       new(uint8(1)),
		MultifdZstdLevel:         new(uint8(1)),
		XVCPUDirtyLimitPeriod:    new(uint64(1000)),
		VCPUDirtyLimit:           new(uint64(1)),
		Mode:                     new(qapi.MigModeNormal),
		ZeroPageDetection:        new(qapi.ZeroPageDetectionMultifd),
		DirectIO:                 new(false),
	}
}

// SetParameters changes parameters, all that are set or none; they act at once.
// busy: a migration is under way that may not like it.
func (s *Settings) SetParameters(args *qapi.MigrateSetParameters, busy bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	merged := merge(s.parameters, args)
	if err := checkParameters(&merged, s.capabilities); err != nil {
		return err
	}
	if err := checkCache(&s.parameters, &merged, s.capabilities, busy); err != nil {
		return err
	}
	s.parameters = merged
	if args.XCheckpointDelay != nil {
		s.delays++
	}
	close(s.poke)
	s.poke = make(chan struct{})
	return nil
}

// Parameters gives the value of every parameter.
func (s *Settings) Parameters() *qapi.MigrationParameters {
	p := s.now()
	return &p
}

// merge gives p with what args has set. p itself stays as it is.
func merge(p qapi.MigrationParameters, args *qapi.MigrateSetParameters) qapi.MigrationParameters {
	set(&p.AnnounceInitial, args.AnnounceInitial)
	set(&p.AnnounceMax, args.AnnounceMax)
	set(&p.AnnounceRounds, args.AnnounceRounds)
	set(&p.AnnounceStep, args.AnnounceStep)
	set(&p.ThrottleTriggerThreshold, args.ThrottleTriggerThreshold)
	set(&p.CPUThrottleInitial, args.CPUThrottleInitial)
	set(&p.CPUThrottleIncrement, args.CPUThrottleIncrement)
	set(&p.CPUThrottleTailslow, args.CPUThrottleTailslow)
	setText(&p.TLSCreds, args.TLSCreds)
	setText(&p.TLSHostname, args.TLSHostname)
	setText(&p.TLSAuthz, args.TLSAuthz)
	set(&p.MaxBandwidth, args.MaxBandwidth)
	set(&p.AvailSwitchoverBandwidth, args.AvailSwitchoverBandwidth)
	set(&p.DowntimeLimit, args.DowntimeLimit)
	set(&p.XCheckpointDelay, args.XCheckpointDelay)
	set(&p.MultifdChannels, args.MultifdChannels)
	set(&p.XBZRLECacheSize, args.XBZRLECacheSize)
	set(&p.MaxPostcopyBandwidth, args.MaxPostcopyBandwidth)
	set(&p.MaxCPUThrottle, args.MaxCPUThrottle)
	set(&p.MultifdCompression, args.MultifdCompression)
	set(&p.MultifdZlibLevel, args.MultifdZlibLevel)
	set(&p.MultifdQatzipLevel, args.MultifdQatzipLevel)
	set(&p.MultifdZstdLevel, args.MultifdZstdLevel)
	if args.BlockBitmapMapping != nil {
		p.BlockBitmapMapping = args.BlockBitmapMapping
	}
	set(&p.XVCPUDirtyLimitPeriod, args.XVCPUDirtyLimitPeriod)
	set(&p.VCPUDirtyLimit, args.VCPUDirtyLimit)
	set(&p.Mode, args.Mode)
	set(&p.ZeroPageDetection, args.ZeroPageDetection)
	set(&p.DirectIO, args.DirectIO)
	return p
}

func set[T any](to **T, from *T) {
	if from != nil {
		*to = from
	}
}

// setText stores null as the empty string, which is how queries show it.
func setText(to **string, from *qapi.StrOrNull) {
	switch {
	case from == nil:
	case from.S != nil:
		*to = from.S
	default:
		*to = new("")
	}
}

// checkCache refuses a size of the cache that a migration cannot go on with.
func checkCache(old, wanted *qapi.MigrationParameters, on capabilities, busy bool) error {
	if !busy || !on[qapi.MigrationCapabilityXBZRLE] || *old.XBZRLECacheSize == *wanted.XBZRLECacheSize {
		return nil
	}
	return ram.CheckXBZRLE(*wanted.XBZRLECacheSize)
}
