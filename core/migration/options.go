package migration

import (
	"sync"
	"time"

	"qmpmigrate/qapi"
)

// options are the capabilities and parameters of a machine's migrations. The
// migration goroutine asks for them while it runs, so that changes act at once.
type options struct {
	mu           sync.Mutex
	capabilities map[qapi.MigrationCapability]bool
	parameters   qapi.MigrationParameters
	// poke is closed, and replaced, when a parameter changes.
	poke chan struct{}
}

func newOptions() *options {
	return &options{
		capabilities: map[qapi.MigrationCapability]bool{},
		parameters:   defaultParameters(),
		poke:         make(chan struct{}),
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
