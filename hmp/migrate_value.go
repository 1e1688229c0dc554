package hmp

import (
	"errors"
	"math"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/scalar"
)

// parameterValue is the text of a parameter's value. The first error sticks.
type parameterValue struct {
	name, text string
	err        error
}

// store reads the value into the member of p that the parameter is.
func (v *parameterValue) store(parameter qapi.MigrationParameter, p *qapi.MigrateSetParameters) {
	switch parameter {
	case qapi.MigrationParameterAnnounceInitial:
		p.AnnounceInitial = v.size()
	case qapi.MigrationParameterAnnounceMax:
		p.AnnounceMax = v.size()
	case qapi.MigrationParameterAnnounceRounds:
		p.AnnounceRounds = v.size()
	case qapi.MigrationParameterAnnounceStep:
		p.AnnounceStep = v.size()
	case qapi.MigrationParameterThrottleTriggerThreshold:
		p.ThrottleTriggerThreshold = v.uint8()
	case qapi.MigrationParameterCPUThrottleInitial:
		p.CPUThrottleInitial = v.uint8()
	case qapi.MigrationParameterCPUThrottleIncrement:
		p.CPUThrottleIncrement = v.uint8()
	case qapi.MigrationParameterCPUThrottleTailslow:
		p.CPUThrottleTailslow = v.bool()
	case qapi.MigrationParameterMaxCPUThrottle:
		p.MaxCPUThrottle = v.uint8()
	case qapi.MigrationParameterTLSCreds:
		p.TLSCreds = &qapi.StrOrNull{S: &v.text}
	case qapi.MigrationParameterTLSHostname:
		p.TLSHostname = &qapi.StrOrNull{S: &v.text}
	case qapi.MigrationParameterTLSAuthz:
		p.TLSAuthz = &qapi.StrOrNull{S: &v.text}
	case qapi.MigrationParameterMaxBandwidth:
		p.MaxBandwidth = v.bandwidth()
	case qapi.MigrationParameterAvailSwitchoverBandwidth:
		p.AvailSwitchoverBandwidth = v.bandwidth()
	case qapi.MigrationParameterDowntimeLimit:
		p.DowntimeLimit = v.size()
	case qapi.MigrationParameterXCheckpointDelay:
		p.XCheckpointDelay = v.uint32()
	case qapi.MigrationParameterXBZRLECacheSize:
		p.XBZRLECacheSize = v.cacheSize()
	case qapi.MigrationParameterMaxPostcopyBandwidth:
		p.MaxPostcopyBandwidth = v.size()
	case qapi.MigrationParameterXVCPUDirtyLimitPeriod:
		p.XVCPUDirtyLimitPeriod = v.size()
	case qapi.MigrationParameterVCPUDirtyLimit:
		p.VCPUDirtyLimit = v.size()
	case qapi.MigrationParameterMode:
		p.Mode = enumValue(v, qapi.ParseMigMode)
	case qapi.MigrationParameterDirectIO:
		p.DirectIO = v.bool()
	case qapi.MigrationParameterBlockBitmapMapping:
		v.err = qapi.Errorf("The block-bitmap-mapping parameter can only be set through QMP")
	default:
		v.storeMultifd(parameter, p)
	}
}

func (v *parameterValue) storeMultifd(parameter qapi.MigrationParameter, p *qapi.MigrateSetParameters) {
	switch parameter {
	case qapi.MigrationParameterMultifdChannels:
		p.MultifdChannels = v.uint8()
	case qapi.MigrationParameterMultifdCompression:
		p.MultifdCompression = enumValue(v, qapi.ParseMultiFDCompression)
	case qapi.MigrationParameterMultifdZlibLevel:
		p.MultifdZlibLevel = v.uint8()
	case qapi.MigrationParameterMultifdQatzipLevel:
		p.MultifdQatzipLevel = v.uint8()
	case qapi.MigrationParameterMultifdZstdLevel:
		p.MultifdZstdLevel = v.uint8()
	case qapi.MigrationParameterZeroPageDetection:
		p.ZeroPageDetection = enumValue(v, qapi.ParseZeroPageDetection)
	default:
		v.err = qapi.Errorf("invalid parameter value: %s", v.name)
	}
}

func (v *parameterValue) expects(what string) {
	v.err = qapi.Errorf("Parameter '%s' expects %s", v.name, what)
}

// uint reads a whole number of at most limit; ctype is the name of its type.
func (v *parameterValue) uint(limit uint64, ctype string) uint64 {
	n, err := scalar.Uint(v.text)
	switch {
	case err != nil:
		v.expects("uint64")
	case n > limit:
		v.expects(ctype)
	}
	return n
}

func (v *parameterValue) uint8() *uint8   { return new(uint8(v.uint(math.MaxUint8, "uint8_t"))) }
func (v *parameterValue) uint32() *uint32 { return new(uint32(v.uint(math.MaxUint32, "uint32_t"))) }

func (v *parameterValue) bool() *bool {
	on, ok := scalar.Bool(v.text)
	if !ok {
		v.expects("'on' or 'off'")
	}
	return &on
}

// size reads a number, perhaps with a suffix.
func (v *parameterValue) size() *uint64 {
	n, err := scalar.Size(v.text)
	switch {
	case errors.Is(err, scalar.ErrRange):
		v.err = qapi.Errorf("Value '%s' is out of range for parameter '%s'", v.text, v.name)
	case err != nil:
		v.expects("a non-negative number below 2^64")
		v.err = &HintedError{Text: v.err.Error(), Hints: scalar.SizeHints()}
	}
	return &n
}

// cacheSize reads a size that must fit into a signed number.
func (v *parameterValue) cacheSize() *uint64 {
	n := v.size()
	if v.err == nil && *n > math.MaxInt64 {
		v.err = qapi.Errorf("Invalid size %s", v.text)
	}
	return n
}

// bandwidth reads bytes per second, in MiB where there is no suffix.
func (v *parameterValue) bandwidth() *uint64 {
	n, err := scalar.SizeMiB(v.text)
	if err != nil || n > math.MaxInt64 {
		v.err = qapi.Errorf("Invalid size %s", v.text)
	}
	return &n
}

func enumValue[T any](v *parameterValue, parse func(string) (T, bool)) *T {
	value, ok := parse(v.text)
	if !ok {
		v.err = qapi.Errorf("Parameter '%s' does not accept value '%s'", v.name, v.text)
	}
	return &value
}
