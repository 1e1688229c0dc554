package core_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"qmpmigrate/core"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/qapi"
)

// counter is a guest whose only vCPU counts in its memory, one page after the other.
type counter struct {
	ram   *memory.Block
	steps uint64 // a register
	stop  chan struct{}
	vcpus sync.WaitGroup
}

func newCounter(size uint64) *counter {
	ram, err := memory.New("counter.ram", size)
	must(err)
	return &counter{ram: ram}
}

func (c *counter) Blocks() []*memory.Block { return []*memory.Block{c.ram} }

func (c *counter) Devices() []savevm.Device {
	return []savevm.Device{{IDStr: "cpu", State: &vmstate.Description{
		Name: "cpu", Version: 1, MinVersion: 1,
		Fields: []vmstate.Field{vmstate.Uint64("steps", &c.steps)},
	}}}
}

func (c *counter) Start() error {
	c.stop = make(chan struct{})
	c.vcpus.Go(func() { c.run(c.stop) })
	return nil
}

func (c *counter) run(stop <-chan struct{}) {
	for tick := time.NewTicker(time.Millisecond); ; {
		page := c.steps % c.ram.Pages()
		// In postcopy the page may not have come yet; Stop must not wait for it.
		if !c.ram.WaitWrite(page, 0, stop) {
			return
		}
		word := c.ram.Page(page)[:8]
		binary.LittleEndian.PutUint64(word, binary.LittleEndian.Uint64(word)+1)
		c.ram.MarkWritten(page) // always after the write
		c.steps++
		select {
		case <-stop:
			tick.Stop()
			return
		case <-tick.C:
		}
	}
}

func (c *counter) Stop() {
	if c.stop != nil {
		close(c.stop)
		c.vcpus.Wait()
		c.stop = nil
	}
}

func (c *counter) Close() error {
	c.Stop()
	return c.ram.Close()
}

// whole says whether each page was counted as often as the vCPU has been there. The guest is stopped.
func (c *counter) whole() bool {
	for page := range c.ram.Pages() {
		times := (c.steps + c.ram.Pages() - 1 - page) / c.ram.Pages()
		if binary.LittleEndian.Uint64(c.ram.Page(page)) != times {
			return false
		}
	}
	return true
}

// ended is how a migration ended.
func ended(m *core.Machine) string {
	must(m.Migration().Wait(context.Background()))
	info := m.Migration().Info()
	if info.ErrorDesc != nil {
		return fmt.Sprintf("%s (%s)", *info.Status, *info.ErrorDesc)
	}
	return string(*info.Status)
}

// A vCPU writes all the time, also while its memory is on its way. A migration that fails leaves it running.
func Example_vCPU() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "vm")
	must(err)
	defer os.RemoveAll(folder)
	wait := func(typeName, name string) (*core.Machine, *counter, *qapi.MigrateArgs) {
		guest, uri := newCounter(4<<20), "unix:"+filepath.Join(folder, name)
		m := core.New(core.Config{Incoming: true}, typeName, guest)
		must(m.MigrateIncoming(ctx, &qapi.MigrateIncomingArgs{URI: &uri}))
		return m, guest, &qapi.MigrateArgs{URI: &uri}
	}
	source := core.New(core.Config{}, "counter-1", newCounter(4<<20))
	defer source.Close()
	must(source.Launch())

	other, _, there := wait("counter-2", "other")
	defer other.Close()
	must(source.MigrateSetCapabilities(ctx, &qapi.MigrateSetCapabilitiesArgs{Capabilities: []qapi.MigrationCapabilityStatus{
		{Capability: qapi.MigrationCapabilityReturnPath, State: true},
	}}))
	must(source.Migrate(ctx, there))
	must(source.Migration().Wait(ctx))
	fmt.Println("another type:", ended(other))
	fmt.Println("source:", *source.Migration().Info().Status, source.RunState())

	destination, guest, there := wait("counter-1", "destination")
	defer destination.Close()
	must(source.Migrate(ctx, there))
	fmt.Println("its own type:", ended(source), source.RunState())
	must(destination.Migration().Wait(ctx))
	fmt.Println("destination:", destination.RunState())
	must(destination.Stop(ctx))
	fmt.Println("whole:", guest.whole())
	// Output:
	// another type: failed (load of migration failed: configuration, at offset 22 of the stream: Machine type received is 'counter-1' and local is 'counter-2')
	// source: failed running
	// its own type: completed postmigrate
	// destination: running
	// whole: true
}
