package qcow2

import (
	"encoding/binary"
	"errors"
	"slices"
	"syscall"
	"testing"
	"time"

	"qmpmigrate/core/block"
)

// seed is a small image with a bit of all that there is.
func seed(t testing.TB, o CreateOptions) []byte {
	t.Helper()
	s := &memory{}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(Create(s, o))
	i, err := Open(s, Options{})
	must(err)
	_, err = i.WriteAt([]byte("some content"), 1000)
	must(err)
	must(i.WriteVMState([]byte("state"), 0))
	_, err = i.Create(block.Snapshot{Name: "s", VMStateSize: 5, Date: time.Unix(1, 0)})
	must(err)
	must(i.WriteZeros(0, 4096))
	if o.Version != 2 {
		b := block.NewBitmap("b", 512, i.Size())
		b.Set(0, 600)
		must(i.StoreBitmaps([]*block.Bitmap{b}))
	}
	must(i.Close())
	return s.data
}

// An image of an enemy's costs neither much memory nor the process.
func FuzzImage(f *testing.F) {
	for _, o := range []CreateOptions{{Size: 9 << 10, ClusterBits: 9}, {Size: 9 << 10, ClusterBits: 9, Version: 2}, {Size: 20 << 10, ClusterBits: 10, RefcountBits: 1 << 2}} {
		f.Add(seed(f, o))
	}
	for _, raw := range []byte{0, 2} {
		external := seed(f, CreateOptions{Size: 9 << 10, ClusterBits: 9})
		external[79] |= 4 // the content is in another file
		external[95] |= raw
		f.Add(external)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 || len(data) < headerRead {
			return
		}
		for _, readOnly := range []bool{true, false} {
			i, err := Open(&memory{data: slices.Clone(data)}, Options{
				ReadOnly: readOnly, Data: func(string) (block.Storage, error) { return &memory{}, nil },
			})
			if err != nil {
				continue
			}
			// A table of a large size is no mistake, but its walk takes time.
			if len(i.l1)<<i.l2Bits > 1<<18 || len(i.refTable) > 1<<16 {
				continue
			}
			use(i, readOnly)
		}
	})
}

func use(i *Image, readOnly bool) {
	p := make([]byte, 4096)
	for off := int64(0); off < min(i.Size(), 1<<16); off += int64(len(p)) {
		_, _ = i.ReadAt(p[:min(int64(len(p)), i.Size()-off)], off)
	}
	if i.Size() > 0 {
		_, _ = i.Extent(0, i.Size())
	}
	_, _ = i.ReadVMState(p, 0)
	if len(i.snapshots) < 100 {
		_, _ = i.Check()
	}
	if readOnly {
		return
	}
	_, _ = i.LoadBitmaps()
	_, _ = i.WriteAt(p[:min(600, i.Size())], 0)
	_ = i.WriteZeros(0, min(5000, i.Size()))
	for n, s := range i.Snapshots() {
		if n == 0 && len(i.snapshots) < 100 {
			_ = i.Apply(s.ID)
			_ = i.Delete(s.ID)
		}
	}
	_, _ = i.Create(block.Snapshot{Name: "new"})
	_ = i.Close()
}

// Each refusal in QEMU's words.
func TestRefusals(t *testing.T) {
	good := seed(t, CreateOptions{Size: 9 << 10, ClusterBits: 9})
	be := binary.BigEndian
	for want, harm := range map[string]func(p []byte){
		"Image is not in qcow2 format":                                                func(p []byte) { p[0] = 0 },
		"Unsupported qcow2 version 4":                                                 func(p []byte) { p[7] = 4 },
		"Unsupported cluster size: 2^22":                                              func(p []byte) { p[23] = 22 },
		"qcow2 header too short":                                                      func(p []byte) { p[103] = 100 },
		"qcow2 header exceeds cluster size":                                           func(p []byte) { p[102] = 0xff },
		"Invalid backing file offset":                                                 func(p []byte) { be.PutUint64(p[8:], 513) },
		"Backing file name too long":                                                  func(p []byte) { be.PutUint64(p[8:], 500); be.PutUint32(p[16:], 13) },
		"Unsupported qcow2 feature(s): Unknown incompatible feature: 20":              func(p []byte) { p[79] = 0x20 },
		"qcow2: Image is corrupt; cannot be opened read/write":                        func(p []byte) { p[79] = 2 },
		"A qcow2 image with an external data file is not supported yet by this build": func(p []byte) { p[79] = 4 },
		"qcow2: Compression type incompatible feature bit must be set":                func(p []byte) { p[104] = 1 },
		"qcow2: unknown compression type: 9":                                          func(p []byte) { p[104] = 9 },
		"Reference count entry width too large; may not exceed 64 bits":               func(p []byte) { p[99] = 7 },
		"An encrypted qcow2 image is not supported yet by this build":                 func(p []byte) { p[35] = 2 },
		"Image does not contain a reference count table":                              func(p []byte) { be.PutUint32(p[56:], 0) },
		"Reference count table too large":                                             func(p []byte) { be.PutUint32(p[56:], 1<<20) },
		"Reference count table offset invalid":                                        func(p []byte) { p[55] = 1 },
		"Snapshot table too large":                                                    func(p []byte) { be.PutUint32(p[60:], 65537) },
		"Snapshot table offset invalid":                                               func(p []byte) { p[71] = 1 },
		"Active L1 table too large":                                                   func(p []byte) { be.PutUint32(p[36:], 1<<30) },
		"Active L1 table offset invalid":                                              func(p []byte) { p[47] = 1 },
		"L1 table is too small":                                                       func(p []byte) { be.PutUint32(p[36:], 0) },
		"Image is too big":                                                            func(p []byte) { be.PutUint64(p[24:], 1<<63) },
		"Header extension too large":                                                  func(p []byte) { be.PutUint32(p[116:], 1000) },
		"bitmaps_ext: Reserved field is not zero":                                     func(p []byte) { p[124] = 1 },
		"found bitmaps extension with zero bitmaps":                                   func(p []byte) { be.PutUint32(p[120:], 0) },
		"bitmaps_ext: bitmap directory size (4294967328) exceeds the maximum supported size (67107840)": func(p []byte) { p[131] = 1 },
		"Less bitmaps found than specified in header extension":                                         func(p []byte) { be.PutUint32(p[120:], 2) },
		"Too much extra metadata in snapshot table entry 0": func(p []byte) {
			be.PutUint32(p[be.Uint64(p[64:])+36:], 1025)
		},
		"Bitmap 'b' doesn't satisfy the constraints": func(p []byte) { p[be.Uint64(p[136:])+17] = 8 },
	} {
		p := slices.Clone(good)
		harm(p)
		if _, err := Open(&memory{data: p}, Options{}); err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

// What is only found on the way marks the image, and stops all writing.
func TestDamage(t *testing.T) {
	s := &memory{data: seed(t, CreateOptions{Size: 20 << 10, ClusterBits: 10})}
	l1 := binary.BigEndian.Uint64(s.data[40:])
	s.data[l1+6] |= 2 // the L2 table is not where a cluster begins
	warned := 0
	i, err := Open(s, Options{Warn: func(string) { warned++ }})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := i.ReadAt(make([]byte, 512), 0); !errors.Is(err, syscall.EIO) {
			t.Errorf("read: %v", err)
		}
	}
	if _, err := i.WriteAt(make([]byte, 512), 15<<10); !errors.Is(err, syscall.EIO) {
		t.Errorf("written: %v", err)
	}
	if warned != 1 {
		t.Errorf("warned %d times", warned)
	}
	if _, err := Open(s, Options{}); err == nil || err.Error() != errCorrupt.Error() {
		t.Errorf("opened again: %v", err)
	}
	if _, err := Open(s, Options{ReadOnly: true}); err != nil {
		t.Errorf("opened for reading: %v", err)
	}
}

// An image that was left open by someone with lazy counts is counted anew.
func TestRepair(t *testing.T) {
	s := &memory{data: seed(t, CreateOptions{Size: 20 << 10, ClusterBits: 10})}
	s.data[79] |= incompatibleDirty
	table := binary.BigEndian.Uint64(s.data[48:])
	block := binary.BigEndian.Uint64(s.data[table:])
	for at := block + 10; at < block+40; at++ {
		s.data[at] = 0
	}
	if r, err := open(t, s, Options{ReadOnly: true}).Check(); err != nil || r.Errors == 0 {
		t.Fatalf("not harmed: %+v %v", r, err)
	}
	i := open(t, s, Options{})
	if r, err := i.Check(); err != nil || r.Errors != 0 || r.Leaks != 0 {
		t.Errorf("%+v %v", r, err)
	}
	if err := i.Close(); err != nil || s.data[79]&incompatibleDirty != 0 {
		t.Errorf("still dirty: %v", err)
	}
}

func open(t *testing.T, s block.Storage, o Options) *Image {
	t.Helper()
	i, err := Open(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return i
}
