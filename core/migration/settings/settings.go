// Package settings is what users say about the migrations of a machine: capabilities,
// parameters and properties, what they may be, what they must go with, and what
// follows from them and from the machine's type. Nothing in here moves a byte.
package settings

import (
	"sync"
	"time"

	"qmpmigrate/core/announce"
	"qmpmigrate/core/migration/rate"
	"qmpmigrate/core/ram"
	"qmpmigrate/qapi"
)

// Settings are the capabilities and parameters of a machine's migrations. The
// migration goroutine asks for them while it runs, so that changes act at once.
type Settings struct {
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
	provider         Provider // of RDMA
	oldStream        bool     // the machine came from a QEMU before 10.0
	// poke is closed, and replaced, when a parameter changes.
	poke chan struct{}
	// delays counts how often x-checkpoint-delay was set.
	delays uint64
}

// New makes settings as they are at first.
func New() *Settings {
	return &Settings{
		capabilities:     capabilities{},
		parameters:       defaultParameters(),
		forced:           map[string]bool{},
		clearBitmapShift: defaultClearBitmapShift,
		compress:         newCompress(),
		provider:         ProviderSystem,
		poke:             make(chan struct{}),
	}
}

// Enabled says whether a capability is on.
func (s *Settings) Enabled(c qapi.MigrationCapability) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.capabilities[c]
}

// now gives the parameters, whose values never change: those that are set anew
// are others.
func (s *Settings) now() qapi.MigrationParameters {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.parameters
}

// Changed gives a channel that is closed at the next change of a parameter.
func (s *Settings) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.poke
}

// MaxBandwidth is the limit in bytes per second, 0 for none.
func (s *Settings) MaxBandwidth() uint64 { return *s.now().MaxBandwidth }

// MaxPostcopyBandwidth is the limit in postcopy, in bytes per second, 0 for
// none; what the destination asks for goes out all the same.
func (s *Settings) MaxPostcopyBandwidth() uint64 { return *s.now().MaxPostcopyBandwidth }

// SwitchoverBandwidth is what the user promises for the switchover, in bytes
// per second; 0 means to trust the measure.
func (s *Settings) SwitchoverBandwidth() uint64 { return *s.now().AvailSwitchoverBandwidth }

// DowntimeLimit is how long the VM may stand at the switchover.
func (s *Settings) DowntimeLimit() time.Duration {
	return time.Duration(*s.now().DowntimeLimit) * time.Millisecond
}

// Throttling is what concerns the guest that is slowed down.
func (s *Settings) Throttling() rate.Rules {
	p := s.now()
	return rate.Rules{
		Initial:   uint64(*p.CPUThrottleInitial),
		Increment: uint64(*p.CPUThrottleIncrement),
		Most:      uint64(*p.MaxCPUThrottle),
		Trigger:   uint64(*p.ThrottleTriggerThreshold),
		Tailslow:  *p.CPUThrottleTailslow,
	}
}

// VCPUDirtyLimit is what a vCPU may dirty where its migration does not converge,
// in MiB per second.
func (s *Settings) VCPUDirtyLimit() uint64 { return *s.now().VCPUDirtyLimit }

// DirtyLimitPeriod is the time between two looks at what the vCPUs dirty.
func (s *Settings) DirtyLimitPeriod() time.Duration {
	return time.Duration(*s.now().XVCPUDirtyLimitPeriod) * time.Millisecond
}

// Rounds are the announcements after an incoming migration.
func (s *Settings) Rounds() announce.Params {
	p := s.now()
	return announce.Params{Initial: int64(*p.AnnounceInitial), Max: int64(*p.AnnounceMax),
		Rounds: int64(*p.AnnounceRounds), Step: int64(*p.AnnounceStep)}
}

// RAM is what concerns the mover of memory.
func (s *Settings) RAM() ram.Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted := ram.Options{
		IgnoreShared: s.capabilities[qapi.MigrationCapabilityXIgnoreShared],
		Postcopy:     s.capabilities[qapi.MigrationCapabilityPostcopyRAM],
		Release:      s.capabilities[qapi.MigrationCapabilityReleaseRAM],
		KeepZeros:    *s.parameters.ZeroPageDetection == qapi.ZeroPageDetectionNone,
		Checkpoints:  s.capabilities[qapi.MigrationCapabilityXCOLO],
	}
	if s.capabilities[qapi.MigrationCapabilityXBZRLE] {
		wanted.XBZRLE = s.XBZRLECacheSize
	}
	s.compress.apply(&wanted)
	if s.capabilities[qapi.MigrationCapabilityMappedRAM] {
		wanted.Mapped = ram.NewPlaces()
	}
	return wanted
}

// XBZRLECacheSize is how large the cache of xbzrle shall be, in bytes.
func (s *Settings) XBZRLECacheSize() uint64 { return *s.now().XBZRLECacheSize }

// CheckpointDelay is the time from one checkpoint to the next.
func (s *Settings) CheckpointDelay() time.Duration {
	return time.Duration(*s.now().XCheckpointDelay) * time.Millisecond
}

// CheckpointDelays is how often it was set.
func (s *Settings) CheckpointDelays() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.delays
}

// Snapshots says whether the VM is sent as it is at one moment, and goes on here
// (background-snapshot).
func (s *Settings) Snapshots() bool { return s.Enabled(qapi.MigrationCapabilityBackgroundSnapshot) }

// TLS are the parameters that TLS depends on.
type TLS struct {
	Creds    string // "": no TLS
	Hostname string // "": that of the address
	Authz    string // "": everybody
}

// TLS is how channels are encrypted.
func (s *Settings) TLS() TLS {
	p := s.now()
	return TLS{*p.TLSCreds, *p.TLSHostname, *p.TLSAuthz}
}
