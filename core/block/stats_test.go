package block_test

import (
	"errors"
	"testing"
	"time"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/blocktest"
)

// What a guest does counts, what others do does not.
func TestStats(t *testing.T) {
	g := &block.Graph{}
	n := blocktest.NewMemory(1 << 20).Node("n")
	if err := g.AddNode(n); err != nil {
		t.Fatal(err)
	}
	g.AddBackend(block.Backend{Name: "d", Node: n})
	backend := g.Backends()[0]
	if _, ok := backend.Stats.Idle(); ok {
		t.Error("there was an access")
	}
	disk := backend.Disk()
	p := make([]byte, 4096)
	for _, err := range []error{
		second(disk.WriteAt(p, 8192)), second(disk.WriteAt(p, 0)), second(disk.ReadAt(p, 8192)), disk.Flush(),
		second(disk.Peek(p, 0)), second(n.WriteAt(p, 65536)), second(n.ReadAt(p, 0)), n.Flush(), n.WriteZeros(1<<19, 512),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := disk.WriteAt(p, 1<<20); err == nil {
		t.Fatal("written behind the end")
	}
	backend.Stats.Refused(block.Read)
	for kind, want := range map[block.Access]block.Count{
		block.Read:  {Bytes: 4096, Operations: 1, Invalid: 1},
		block.Write: {Bytes: 8192, Operations: 2, Failed: 1},
		block.Flush: {Operations: 1},
	} {
		got := backend.Stats.Count(kind)
		if got.Time <= 0 {
			t.Errorf("%d: took %v", kind, got.Time)
		}
		got.Time = 0
		if got != want {
			t.Errorf("%d: %+v, want %+v", kind, got, want)
		}
	}
	if idle, ok := backend.Stats.Idle(); !ok || idle < 0 || idle > time.Minute {
		t.Errorf("idle for %v, %v", idle, ok)
	}
	if h := n.Highest(); h != 1<<19+512 {
		t.Errorf("written up to %d", h)
	}
	backend.Stats.Done(block.Flush, 0, time.Now(), errors.New("broken"))
	if c := backend.Stats.Count(block.Flush); c.Failed != 1 || c.Operations != 1 {
		t.Errorf("%+v", c)
	}
}

func second(_ int, err error) error { return err }
