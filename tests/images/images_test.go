// Package images tests disks of qmpmigrate's against those of qemu-img.
package images

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/images"
	"qmpmigrate/tests/emulator"
)

const size = 2<<20 + 512

// kind is a way to make an image with qemu-img.
type kind struct {
	version, name, options string
	compress               bool
}

func kinds() []kind {
	return []kind{
		{"7.2", "default", "", false},
		{"10.0", "default", "", false},
		{"7.2", "version 2", "compat=0.10", false},
		{"10.0", "small clusters", "cluster_size=512", false},
		{"10.0", "large clusters", "cluster_size=2M", false},
		{"10.0", "narrow counts", "refcount_bits=4", false},
		{"10.0", "wide counts", "refcount_bits=64,cluster_size=4k", false},
		{"7.2", "compressed", "", true},
		{"10.0", "zstd", "compression_type=zstd,cluster_size=8k", true},
		{"7.2", "lazy", "lazy_refcounts=on", false},
		{"7.2", "data file", "data_file=DIR/data", false},
		{"10.0", "raw data file", "data_file=DIR/data,data_file_raw=on,cluster_size=8k", false},
	}
}

// disk is an image that qemu-img and we use by turns, and what it must hold.
type disk struct {
	t       *testing.T
	k       kind
	path    string
	content []byte
	graph   *block.Graph
	node    *block.Node
	random  *rand.Rand
}

// forEach runs a test on some kinds of image, all for none, which have some content from qemu-img.
func forEach(t *testing.T, some []string, test func(d *disk)) {
	for _, k := range kinds() {
		if some != nil && !slices.Contains(some, k.name) {
			continue
		}
		t.Run(k.version+" "+k.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			d := &disk{t: t, k: k, path: filepath.Join(dir, "image"), content: make([]byte, size), random: rand.New(rand.NewPCG(1, 2))}
			for off := 0; off < size*2/3; off += 100_000 {
				copy(d.content[off:], bytes.Repeat([]byte{byte(off / 1000)}, d.random.IntN(90_000)))
			}
			raw := filepath.Join(dir, "raw")
			if err := os.WriteFile(raw, d.content, 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"convert", "-f", "raw", "-O", "qcow2"}
			if k.compress {
				args = append(args, "-c")
			}
			if k.options != "" {
				args = append(args, "-o", strings.ReplaceAll(k.options, "DIR", dir))
			}
			d.img(append(args, raw, d.path)...)
			test(d)
		})
	}
}

func (d *disk) img(args ...string) string { return emulator.Img(d.t, d.k.version, args...) }

// ours opens the image here, theirs closes it so that qemu-img may have it.
func (d *disk) ours() *block.Node {
	d.t.Helper()
	d.graph = &block.Graph{}
	o := images.Opener{Graph: d.graph}
	n, err := o.Add(images.Options{Driver: "qcow2", NodeName: "disk",
		File: &images.Ref{Options: &images.Options{Driver: "file", Filename: d.path}}})
	if err != nil {
		d.t.Fatal(err)
	}
	d.node = n
	return n
}

func (d *disk) theirs() {
	d.t.Helper()
	if err := d.graph.Close(); err != nil {
		d.t.Fatal(err)
	}
	d.img("check", "-q", "-f", "qcow2", d.path)
}

// same holds the image against what it must hold, with qemu-img's eyes and ours.
func (d *disk) same() {
	d.t.Helper()
	raw := d.path + ".raw"
	d.img("convert", "-f", "qcow2", "-O", "raw", d.path, raw)
	theirs, err := os.ReadFile(raw)
	if err != nil {
		d.t.Fatal(err)
	}
	d.compare("qemu-img", theirs)
	got := make([]byte, size)
	if _, err := d.ours().ReadAt(got, 0); err != nil {
		d.t.Fatal(err)
	}
	d.compare("we", got)
	if d.k.name == "raw data file" {
		if got, err = os.ReadFile(filepath.Join(filepath.Dir(d.path), "data")); err != nil {
			d.t.Fatal(err)
		}
		d.compare("the data file", got[:size]) // which QEMU makes whole clusters long
	}
	if err := d.graph.Close(); err != nil {
		d.t.Fatal(err)
	}
}

func (d *disk) compare(who string, got []byte) {
	d.t.Helper()
	if len(got) != len(d.content) {
		d.t.Fatalf("%s: %d bytes, want %d", who, len(got), len(d.content))
	}
	for off := 0; off < size; off += 512 {
		if !bytes.Equal(got[off:off+512], d.content[off:off+512]) {
			d.t.Fatalf("%s: sector at %d begins with %x, want %x", who, off, got[off:off+8], d.content[off:off+8])
		}
	}
}

// scribble writes at random places, through us.
func (d *disk) scribble(n int) {
	d.t.Helper()
	for range n {
		off := d.random.IntN(size/512) * 512
		length := min(d.random.IntN(200_000), size-off)
		if d.random.IntN(4) == 0 {
			if err := d.node.WriteZeros(int64(off), int64(length)); err != nil {
				d.t.Fatal(err)
			}
			clear(d.content[off : off+length])
			continue
		}
		p := bytes.Repeat([]byte{byte(d.random.IntN(256))}, length)
		if _, err := d.node.WriteAt(p, int64(off)); err != nil {
			d.t.Fatal(err)
		}
		copy(d.content[off:], p)
	}
}

func TestWritesByTurns(t *testing.T) {
	forEach(t, nil, func(d *disk) {
		d.same()
		d.ours()
		d.scribble(20)
		d.theirs()
		d.same()
	})
}

// snapshots does something with the disk's snapshots, through us.
func (d *disk) snapshots(do func(block.Snapshots) error) {
	d.t.Helper()
	ok, err := d.node.Snapshots(do)
	if !ok || err != nil {
		d.t.Fatal(ok, err)
	}
}

// Snapshots that we make qemu-img applies and deletes, and the other way around.
func TestSnapshotsByTurns(t *testing.T) {
	forEach(t, []string{"default", "version 2", "small clusters", "narrow counts", "compressed"}, func(d *disk) {
		d.ours()
		state := bytes.Repeat([]byte("state of a VM"), 50_000)
		d.snapshots(func(s block.Snapshots) error {
			if err := s.WriteVMState(state, 0); err != nil {
				return err
			}
			_, err := s.Create(block.Snapshot{Name: "ours", VMStateSize: int64(len(state)), Clock: 3_723_004_000_000, Icount: -1})
			return err
		})
		first := bytes.Clone(d.content)
		d.scribble(10)
		d.theirs()
		list := d.img("snapshot", "-l", d.path)
		if !strings.Contains(list, "ours") || !strings.Contains(list, "01:02:03.004") || !strings.Contains(list, "635 KiB") {
			t.Errorf("qemu-img lists\n%s", list)
		}

		d.img("snapshot", "-c", "theirs", d.path)
		second := bytes.Clone(d.content)
		d.ours()
		d.scribble(10)
		d.theirs()

		d.img("snapshot", "-a", "ours", d.path)
		d.content = first
		d.same()
		d.ours()
		got := make([]byte, len(state))
		d.snapshots(func(s block.Snapshots) error {
			if _, err := s.ReadVMState(got, 0); err != nil {
				return err
			}
			if names := s.Snapshots(); len(names) != 2 || names[0].Name != "ours" || names[1].Name != "theirs" || names[1].ID != "2" {
				return fmt.Errorf("snapshots %+v", names)
			}
			return s.Apply("2")
		})
		if !bytes.Equal(got, state) {
			t.Error("the VM state is not what it was")
		}
		d.content = second
		d.theirs()
		d.same()

		d.img("snapshot", "-d", "ours", d.path)
		d.same()
		d.ours()
		d.scribble(5)
		d.snapshots(func(s block.Snapshots) error { return s.Delete("2") })
		d.theirs()
		d.same()
	})
}

// An image over another one, which is smaller.
func TestBacking(t *testing.T) {
	for _, below := range []string{"raw", "qcow2"} {
		t.Run(below, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			d := &disk{t: t, k: kind{version: "10.0"}, path: filepath.Join(dir, "image"), content: make([]byte, size), random: rand.New(rand.NewPCG(3, 4))}
			copy(d.content, bytes.Repeat([]byte{0xbe}, 1<<20))
			raw := filepath.Join(dir, "raw")
			if err := os.WriteFile(raw, d.content[:1<<20], 0o600); err != nil {
				t.Fatal(err)
			}
			d.img("convert", "-f", "raw", "-O", below, raw, filepath.Join(dir, "below"))
			d.img("create", "-q", "-f", "qcow2", "-b", "below", "-F", below, d.path, fmt.Sprint(size))
			d.same()
			d.ours()
			d.scribble(20)
			d.theirs()
			d.same()
			if got, err := os.ReadFile(raw); err != nil || !bytes.Equal(got, bytes.Repeat([]byte{0xbe}, 1<<20)) {
				t.Error("what is beneath was changed", err)
			}
		})
	}
}

// What is known of an image without reading it is the same as what qemu-img knows.
func TestExtents(t *testing.T) {
	forEach(t, []string{"small clusters", "compressed", "version 2"}, func(d *disk) {
		d.ours()
		d.scribble(10)
		var ours []string
		for off := int64(0); off < size; {
			e, err := d.node.Extent(off, size-off)
			if err != nil {
				t.Fatal(err)
			}
			ours = append(ours, fmt.Sprint(off, e.Length, e.Allocated, e.Zero))
			off += e.Length
		}
		d.theirs()
		var list []struct {
			Start, Length       int64
			Zero, Data, Present bool
		}
		if err := json.Unmarshal([]byte(d.img("map", "--output=json", "-f", "qcow2", d.path)), &list); err != nil {
			t.Fatal(err)
		}
		// qemu-img tells of places in the file, too.
		var theirs []string
		for n := 0; n < len(list); {
			e := list[n]
			for n++; n < len(list) && list[n].Zero == e.Zero && list[n].Present == e.Present; n++ {
				e.Length += list[n].Length
			}
			theirs = append(theirs, fmt.Sprint(e.Start, e.Length, e.Present, e.Zero))
		}
		if fmt.Sprint(ours) != fmt.Sprint(theirs) {
			t.Errorf("we know\n%q\nqemu-img knows\n%q", ours, theirs)
		}
	})
}
