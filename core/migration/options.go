package migration

import (
	"sync"
	"time"

	"qmpmigrate/core/announce"
	"qmpmigrate/core/migration/rate"
	"qmpmigrate/core/ram"
	"qmpmigrate/qapi"
)

// options are the capabilities and parameters of a machine's migrations. The
// migration goroutine asks for them while it runs, so that changes act at once.
type options struct {
	mu           sync.Mutex
	capabilities capabilities
	parameters   qapi.MigrationParameters
	// forced are properties that were set by hand, and so replace what the
	// machine type says.
	forced map[string]bool
	// clearBitmapShift is how much of the dirty log QEMU clears at once.
	clearBitmapShift uint8
	compress         compress
	disks            DiskMode
	provider         provider // of RDMA
	// poke is closed, and replaced, when a parameter changes.
	poke chan struct{}
	// delays counts how often x-checkpoint-delay was set.
	delays uint64
}

func newOptions() *options {
	return &options{
		capabilities:     capabilities{},
		parameters:       defaultParameters(),
		forced:           map[string]bool{},
		clearBitmapShift: defaultClearBitmapShift,
		compress:         newCompress(),
		provider:         providerSystem,
		poke:             make(chan struct{}),
	}
}

func (o *options) enabled(c qapi.MigrationCapability) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.capabilities[c]
}

// changed gives a channel that is closed at the next change of a parameter.
func (o *options) changed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.poke
}

// maxBandwidth is the limit in bytes per second, 0 for none.
func (o *options) maxBandwidth() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.parameters.MaxBandwidth
}

// maxPostcopyBandwidth is the limit in postcopy, in bytes per second, 0 for
// none; what the destination asks for goes out all the same.
func (o *options) maxPostcopyBandwidth() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.parameters.MaxPostcopyBandwidth
}

// switchoverBandwidth is what the user promises for the switchover, in bytes
// per second; 0 means to trust the measure.
func (o *options) switchoverBandwidth() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.parameters.AvailSwitchoverBandwidth
}

func (o *options) downtimeLimit() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Duration(*o.parameters.DowntimeLimit) * time.Millisecond
}

// throttling is what concerns the guest that is slowed down.
func (o *options) throttling() rate.Rules {
	o.mu.Lock()
	defer o.mu.Unlock()
	p := &o.parameters
	return rate.Rules{
		Initial:   uint64(*p.CPUThrottleInitial),
		Increment: uint64(*p.CPUThrottleIncrement),
		Most:      uint64(*p.MaxCPUThrottle),
		Trigger:   uint64(*p.ThrottleTriggerThreshold),
		Tailslow:  *p.CPUThrottleTailslow,
	}
}

// vcpuDirtyLimit is what a vCPU may dirty where its migration does not converge,
// in MiB per second.
func (o *options) vcpuDirtyLimit() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.parameters.VCPUDirtyLimit
}

// dirtyLimitPeriod is the time between two looks at what the vCPUs dirty.
func (o *options) dirtyLimitPeriod() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Duration(*o.parameters.XVCPUDirtyLimitPeriod) * time.Millisecond
}

// rounds are the announcements after an incoming migration.
func (o *options) rounds() announce.Params {
	o.mu.Lock()
	defer o.mu.Unlock()
	p := &o.parameters
	return announce.Params{Initial: int64(*p.AnnounceInitial), Max: int64(*p.AnnounceMax),
		Rounds: int64(*p.AnnounceRounds), Step: int64(*p.AnnounceStep)}
}

// ram is what concerns the mover of memory.
func (o *options) ram() ram.Options {
	o.mu.Lock()
	defer o.mu.Unlock()
	wanted := ram.Options{
		IgnoreShared: o.capabilities[qapi.MigrationCapabilityXIgnoreShared],
		Postcopy:     o.capabilities[qapi.MigrationCapabilityPostcopyRAM],
		Release:      o.capabilities[qapi.MigrationCapabilityReleaseRAM],
		KeepZeros:    *o.parameters.ZeroPageDetection == qapi.ZeroPageDetectionNone,
		Checkpoints:  o.capabilities[qapi.MigrationCapabilityXCOLO],
	}
	if o.capabilities[qapi.MigrationCapabilityXBZRLE] {
		wanted.XBZRLE = o.xbzrleCacheSize
	}
	o.compress.apply(&wanted)
	if o.capabilities[qapi.MigrationCapabilityMappedRAM] {
		wanted.Mapped = ram.NewPlaces()
	}
	return wanted
}

// xbzrleCacheSize is how large the cache of xbzrle shall be, in bytes.
func (o *options) xbzrleCacheSize() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.parameters.XBZRLECacheSize
}
