// Package failover is a network card that moves with its guest, and stands in
// for a passed-through one, its primary, which cannot: that is unplugged when a
// migration begins, and plugged in where the guest goes on. The rules are those
// of QEMU's virtio-net; no packets go anywhere.
package failover

import (
	"fmt"
	"sync"
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/savevm"
	"qmpmigrate/qapi"
)

// Config says what card New makes.
type Config struct {
	// Card is the id of the card that moves.
	Card string
	// Primary is the id of the passed-through one; empty: there is none.
	Primary string
	// Release is how long the guest takes to let go of its primary.
	Release time.Duration
	// Events gets FAILOVER_NEGOTIATED and UNPLUG_PRIMARY; nil is nobody.
	Events qapi.EventSink
	// Report gets what went wrong; nil drops it.
	Report func(text string)
}

// Card is such a card, with its primary. Its methods may be called from any goroutine.
type Card struct {
	conf Config

	mu         sync.Mutex
	negotiated bool // the guest's driver knows of the primary
	// plugged: the primary is there; asked: the guest was asked to let go of
	// it, and leaving is not nil as long as it has not.
	plugged, asked bool
	leaving        chan struct{}
	release        *time.Timer
}

var (
	_ guest.Device  = (*Card)(nil)
	_ guest.Primary = (*Card)(nil)
)

// New makes a card. Its primary is not plugged in before the guest knows that
// both belong together.
func New(c Config) *Card {
	if c.Report == nil {
		c.Report = func(string) {}
	}
	return &Card{conf: c}
}

// Live is nothing: a card has little state.
func (c *Card) Live() []savevm.Live { return nil }

// Start lets the guest's driver find the card, where it has not yet.
func (c *Card) Start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.negotiated {
		c.negotiate()
	}
}

// negotiate is the guest's driver that learns what the card is for.
func (c *Card) negotiate() {
	c.negotiated = true
	c.emit(&qapi.FailoverNegotiatedEvent{DeviceID: c.conf.Card})
	if c.conf.Primary == "" {
		c.conf.Report("warning: Primary device not found")
		c.conf.Report(fmt.Sprintf("Virtio-net failover will not work. Make sure primary device has parameter failover_pair_id=%s",
			c.conf.Card))
		return
	}
	c.plugged = true
}

// Stop changes nothing.
func (c *Card) Stop() {}

// Reset makes the guest's driver find the card anew.
func (c *Card) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.negotiated = false
}

// Plugged says whether the primary is there.
func (c *Card) Plugged() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.plugged || c.leaving != nil
}

func (c *Card) emit(e qapi.Event) {
	if c.conf.Events != nil {
		c.conf.Events.Emit(e)
	}
}
