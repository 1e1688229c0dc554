package qcow2

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"qmpmigrate/core/block"
)

// model is what an image must hold.
type model struct {
	disk, vm  []byte
	snapshots map[string]model
	bitmaps   map[string]int64 // how many bits they have
}

func (m model) clone() model {
	return model{disk: bytes.Clone(m.disk), vm: bytes.Clone(m.vm)}
}

// images are the kinds that are tried.
func drawOptions(t *rapid.T) CreateOptions {
	return CreateOptions{
		Size:         rapid.Int64Range(0, 40).Draw(t, "size")*16384 + rapid.Int64Range(1, 31).Draw(t, "sectors")*512,
		Version:      rapid.IntRange(2, 3).Draw(t, "version"),
		ClusterBits:  rapid.SampledFrom([]int{9, 9, 10, 12, 16}).Draw(t, "clusters"),
		RefcountBits: rapid.SampledFrom([]int{16, 16, 16, 8, 32, 64, 4}).Draw(t, "counts"),
	}
}

func check(t *rapid.T, i *Image) {
	t.Helper()
	r, err := i.Check()
	if err != nil || r.Errors != 0 || r.Leaks != 0 {
		t.Fatalf("%+v %v", r, err)
	}
}

// An image does what bytes in memory do, and its counts are always right.
func TestImageIsADisk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawOptions(t)
		if o.Version == 2 {
			o.RefcountBits = 16
		}
		s := &memory{}
		if err := Create(s, o); err != nil {
			t.Fatal(err)
		}
		i, err := Open(s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		now := model{disk: make([]byte, o.Size), vm: make([]byte, 20000), snapshots: map[string]model{}}
		if beneath := rapid.Int64Range(0, o.Size/512).Draw(t, "beneath") * 512; beneath > 0 {
			below := &memory{data: bytes.Repeat([]byte{0xee}, int(beneath))}
			i.SetBacking(below)
			copy(now.disk, below.data)
		}
		backing := i.backing
		for step := range rapid.IntRange(1, 30).Draw(t, "steps") {
			apply(t, i, &now, byte(step+1))
			if rapid.IntRange(0, 4).Draw(t, "look") == 0 {
				check(t, i)
			}
			if rapid.IntRange(0, 9).Draw(t, "reopen") == 0 {
				if err := i.Close(); err != nil {
					t.Fatal(err)
				}
				if i, err = Open(s, Options{}); err != nil {
					t.Fatal(err)
				}
				i.SetBacking(backing)
				compareBitmaps(t, s, now.bitmaps)
			}
			compare(t, i, now)
		}
		check(t, i)
	})
}

func apply(t *rapid.T, i *Image, now *model, fill byte) {
	size := int64(len(now.disk))
	off := rapid.Int64Range(0, size-1).Draw(t, "off")
	n := min(rapid.Int64Range(1, size-off).Draw(t, "n"), rapid.Int64Range(1, 1<<17).Draw(t, "most"))
	name := fmt.Sprint(rapid.IntRange(1, 3).Draw(t, "name"))
	_, exists := now.snapshots[name]
	switch rapid.IntRange(0, 8).Draw(t, "step") {
	case 0, 1, 2:
		p := bytes.Repeat([]byte{fill}, int(n))
		if _, err := i.WriteAt(p, off); err != nil {
			t.Fatal(err)
		}
		copy(now.disk[off:], p)
	case 3:
		if err := i.WriteZeros(off, n); err != nil {
			t.Fatal(err)
		}
		clear(now.disk[off : off+n])
	case 4:
		at := rapid.IntRange(0, len(now.vm)-1).Draw(t, "at")
		p := bytes.Repeat([]byte{fill}, rapid.IntRange(1, len(now.vm)-at).Draw(t, "state"))
		if err := i.WriteVMState(p, int64(at)); err != nil {
			t.Fatal(err)
		}
		copy(now.vm[at:], p)
	case 5:
		if exists {
			return
		}
		if _, err := i.Create(block.Snapshot{Name: "n" + name, ID: name, VMStateSize: int64(len(now.vm))}); err != nil {
			t.Fatal(err)
		}
		now.snapshots[name] = now.clone()
		clear(now.vm)
	case 6:
		if err := i.Apply(name); (err == nil) != exists {
			t.Fatal(err)
		} else if exists {
			then := now.snapshots[name].clone()
			then.snapshots, then.bitmaps = now.snapshots, now.bitmaps
			*now = then
		}
	case 7:
		if err := i.Delete(name); (err == nil) != exists {
			t.Fatal(err)
		}
		delete(now.snapshots, name)
	case 8:
		if i.h.version < 3 {
			return
		}
		keepBitmaps(t, i, now)
	}
}

// keepBitmaps lets the image keep some bitmaps, and no others.
func keepBitmaps(t *rapid.T, i *Image, now *model) {
	now.bitmaps = map[string]int64{}
	var list []*block.Bitmap
	for n := range rapid.IntRange(0, 3).Draw(t, "bitmaps") {
		b := block.NewBitmap(fmt.Sprint("bitmap", n), 512<<rapid.IntRange(0, 3).Draw(t, "granularity"), i.Size())
		for range rapid.IntRange(0, 5).Draw(t, "runs") {
			off := rapid.Int64Range(0, i.Size()-1).Draw(t, "from")
			b.Set(off, rapid.Int64Range(1, i.Size()-off).Draw(t, "length"))
		}
		list = append(list, b)
		now.bitmaps[b.Name()] = b.Count()
	}
	if err := i.StoreBitmaps(list); err != nil {
		t.Fatal(err)
	}
}

func compareBitmaps(t *rapid.T, s block.Storage, want map[string]int64) {
	t.Helper()
	i, err := Open(s, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	list, err := i.LoadBitmaps()
	if err != nil || len(list) != len(want) {
		t.Fatalf("%d bitmaps, want %v: %v", len(list), want, err)
	}
	for _, b := range list {
		if n, ok := want[b.Name()]; !ok || n != b.Count() || b.State().Inconsistent {
			t.Fatalf("bitmap %s has %d bits, want %d", b.Name(), b.Count(), n)
		}
	}
}

func compare(t *rapid.T, i *Image, now model) {
	t.Helper()
	disk, vm := make([]byte, len(now.disk)), make([]byte, len(now.vm))
	if _, err := i.ReadAt(disk, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := i.ReadVMState(vm, 0); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(disk, now.disk) || !bytes.Equal(vm, now.vm) {
		t.Fatalf("the disk is not what it must be")
	}
	if len(i.Snapshots()) != len(now.snapshots) {
		t.Fatalf("%d snapshots, want %d", len(i.Snapshots()), len(now.snapshots))
	}
	for off := int64(0); off < int64(len(disk)); {
		e, err := i.Extent(off, int64(len(disk))-off)
		if err != nil || e.Length <= 0 {
			t.Fatal(e, err)
		}
		if e.Zero && len(bytes.Trim(disk[off:off+e.Length], "\x00")) != 0 {
			t.Fatalf("%d bytes at %d are not zeros", e.Length, off)
		}
		off += e.Length
	}
}

// Whatever a loss of power leaves is an image without errors that has all that
// was flushed.
func TestCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawOptions(t)
		o.Version, o.RefcountBits = 3, 16
		s := &memory{}
		if err := Create(s, o); err != nil {
			t.Fatal(err)
		}
		s.safe = bytes.Clone(s.data)
		i, err := Open(s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		now := model{disk: make([]byte, o.Size), vm: make([]byte, 20000), snapshots: map[string]model{}}
		for step := range rapid.IntRange(1, 12).Draw(t, "steps") {
			apply(t, i, &now, byte(step+1))
			if rapid.IntRange(0, 3).Draw(t, "evict") == 0 {
				if err := i.flush(); err != nil {
					t.Fatal(err)
				}
			}
			left, err := Open(s.cut(rapid.Uint64().Draw(t, "seed")), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if r, err := left.Check(); err != nil || r.Errors != 0 {
				t.Fatalf("%+v %v", r, err)
			}
			if rapid.IntRange(0, 3).Draw(t, "flush") != 0 {
				continue
			}
			if err := i.Flush(); err != nil {
				t.Fatal(err)
			}
			if left, err = Open(s.cut(0), Options{}); err != nil {
				t.Fatal(err)
			}
			compare(t, left, now)
			compareBitmaps(t, left.s, now.bitmaps)
		}
	})
}
