// Package guest says what a machine is that can be moved. The machines
// themselves are in its sub-folders.
package guest

import (
	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
)

// Guest is a machine that runs here: memory, devices, and vCPUs that write to
// the memory. Its methods are called by one goroutine at a time.
//
// A vCPU asks memory.Block.WaitWrite before it writes to a page (Wait before it reads one), which costs one load
// unless somebody must wait, and calls MarkWritten afterwards. vCPUs that cannot do so, such as KVM's, have a
// memory.Tracker that tells what they wrote, a memory.Guard for postcopy and a memory.Freezer for background-snapshot.
//
// What else a guest can do it says by more methods: Throttled, Live, Networked, Ringed.
type Guest interface {
	// Blocks are the RAM blocks in the order in which they are sent.
	// The slice and the blocks stay the same until Close.
	Blocks() []*memory.Block
	// Devices are the FULL sections in the order of the stream. They are
	// saved and loaded only while the guest is stopped.
	Devices() []savevm.Device
	// Start lets the vCPUs run.
	Start() error
	// Stop returns when no vCPU touches memory or devices any more.
	Stop()
	// Close stops the guest and gives its memory back.
	Close() error
}

// Networked is a guest with network cards.
type Networked interface {
	Guest
	// Cards are the names of the network cards.
	Cards() []string
	// Announce lets a card tell its network that it is here. It may be
	// called at any time until Close.
	Announce(card string)
}

// Device is hardware that is plugged into a guest that runs here.
type Device interface {
	// Live and Sections are its sections in the stream: those of which parts
	// go out while it runs, and the FULL ones. The FULL ones are saved after,
	// and may have the names of, the former.
	Live() []savevm.Live
	Sections() []savevm.Device
	// Start and Stop are called around the time that the vCPUs run; Reset,
	// while they do not, when the guest goes back to its power-on state.
	Start()
	Stop()
	Reset()
}

// Live is a guest with devices whose state goes out, at least in part, while
// the guest runs.
type Live interface {
	Guest
	// LiveDevices are their sections, in the order of the stream, with both
	// Source and Target.
	LiveDevices() []savevm.Live
}

// Machine is a guest as the stream sees it: what a source sends, and where a
// destination puts what it reads.
type Machine interface {
	Guest
	savevm.Target
	// Configuration opens the stream of a source.
	Configuration() *savevm.Configuration
	// Description is the text that ends the stream of a source, or nil where
	// it is to be made from the devices as they are saved.
	Description() []byte
	// Block finds or makes the RAM block that an incoming stream lists.
	Block(name string, used uint64) (*memory.Block, error)
	// Loaded is asked once a stream was loaded whole: an error refuses it.
	Loaded() error
}

// Undescribed is a Machine that must know of a stream without a description,
// as one is whose memory follows the VM, before it is asked whether it is whole.
type Undescribed interface {
	Machine
	Undescribed()
}
