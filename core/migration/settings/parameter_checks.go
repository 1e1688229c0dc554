package settings

import (
	"errors"
	"fmt"
	"math/bits"

	"qmpmigrate/core/memory"
	"qmpmigrate/qapi"
)

// paramRange is what one numeric parameter may be. The names and texts are QEMU's,
// inconsistencies included: tools show them, and some compare them.
type paramRange struct {
	name     string
	value    uint64
	low, top uint64
	text     string
}

func ranges(p *qapi.MigrationParameters) []paramRange {
	const (
		percent   = "an integer in the range of 1 to 99"
		announce  = "a value between 0 and 100000"
		noLimit   = 1<<64 - 1
		mostLimit = 2000 * 1000
	)
	return []paramRange{
		{"throttle_trigger_threshold", uint64(*p.ThrottleTriggerThreshold), 1, 100, "an integer in the range of 1 to 100"},
		{"cpu_throttle_initial", uint64(*p.CPUThrottleInitial), 1, 99, percent},
		{"cpu_throttle_increment", uint64(*p.CPUThrottleIncrement), 1, 99, percent},
		{"downtime_limit", *p.DowntimeLimit, 0, mostLimit, "an integer in the range of 0 to (2000 * 1000) ms"},
		{"multifd_channels", uint64(*p.MultifdChannels), 1, 255, "a value between 1 and 255"},
		{"multifd_zlib_level", uint64(*p.MultifdZlibLevel), 0, 9, "a value between 0 and 9"},
		{"multifd_qatzip_level", uint64(*p.MultifdQatzipLevel), 1, 9, "a value between 1 and 9"},
		{"multifd_zstd_level", uint64(*p.MultifdZstdLevel), 0, 20, "a value between 0 and 20"},
		{"xbzrle_cache_size", powerOfTwo(*p.XBZRLECacheSize), memory.PageSize, noLimit,
			"a power of two no less than the target page size"},
		{"max_cpu_throttle", uint64(*p.MaxCPUThrottle), uint64(*p.CPUThrottleInitial), 99,
			"an integer in the range of cpu_throttle_initial to 99"},
		{"announce_initial", *p.AnnounceInitial, 0, 100000, announce},
		{"announce_max", *p.AnnounceMax, 0, 100000, announce},
		{"announce_rounds", *p.AnnounceRounds, 0, 1000, "a value between 0 and 1000"},
		{"announce_step", *p.AnnounceStep, 1, 10000, "a value between 0 and 10000"},
	}
}

// checkParameters checks a whole merged set against itself and the
// capabilities that are on, in QEMU's order.
func checkParameters(p *qapi.MigrationParameters, on capabilities) error {
	for _, r := range ranges(p) {
		if r.value < r.low || r.value > r.top {
			return fmt.Errorf("Parameter '%s' expects %s", r.name, r.text)
		}
	}
	if err := checkBitmapMapping(p.BlockBitmapMapping); err != nil {
		return fmt.Errorf("Invalid mapping given for block-bitmap-mapping: %w", err)
	}
	plain := !compresses(p) && !encrypts(p)
	switch n := *p.XVCPUDirtyLimitPeriod; {
	case on[qapi.MigrationCapabilityZeroCopySend] && !plain:
		return errZeroCopy
	case on[qapi.MigrationCapabilityMappedRAM] && !plain:
		return errors.New("Mapped-ram only available for non-compressed non-TLS multifd migration")
	case n < 1 || n > 1000:
		return errors.New("Parameter 'x-vcpu-dirty-limit-period' expects a value between 1 and 1000")
	case *p.VCPUDirtyLimit < 1:
		return errors.New("Parameter 'vcpu_dirty_limit' must be greater than 1 MB/s")
	}
	return unsupportedParameter(p)
}

// powerOfTwo gives n, or 0 where it is no power of two.
func powerOfTwo(n uint64) uint64 {
	if bits.OnesCount64(n) != 1 {
		return 0
	}
	return n
}

// unsupportedParameter refuses values that this build would have to ignore.
func unsupportedParameter(p *qapi.MigrationParameters) error {
	for _, v := range []struct {
		name  string
		asked bool
	}{
		{"mode", *p.Mode != qapi.MigModeNormal},
	} {
		if v.asked {
			return fmt.Errorf("parameter '%s' is not supported yet by this build", v.name)
		}
	}
	return nil
}
