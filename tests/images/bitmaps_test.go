package images

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"qmpmigrate/core/block"
)

// bits lists where a bitmap has bits.
func bits(b *block.Bitmap) (list []int64) {
	for off, ok := b.Next(0); ok; off, ok = b.Next(off + b.Granularity()) {
		list = append(list, off)
	}
	return list
}

// theirBitmaps is what qemu-img says of the bitmaps of the image, which we may have open.
func (d *disk) theirBitmaps() map[string]string {
	d.t.Helper()
	var info struct {
		Special struct {
			Data struct {
				Bitmaps []struct {
					Name        string
					Granularity int64
					Flags       []string
				}
			}
		} `json:"format-specific"`
	}
	if err := json.Unmarshal([]byte(d.img("info", "-U", "--output=json", d.path)), &info); err != nil {
		d.t.Fatal(err)
	}
	found := map[string]string{}
	for _, b := range info.Special.Data.Bitmaps {
		found[b.Name] = fmt.Sprint(b.Granularity, b.Flags)
	}
	return found
}

// Bitmaps of qemu-img's and ours are found again by the other, bit by bit.
func TestBitmapsByTurns(t *testing.T) {
	forEach(t, []string{"default", "small clusters", "wide counts"}, func(d *disk) {
		d.img("bitmap", "--add", "-g", "4096", d.path, "theirs")
		d.img("bitmap", "--add", "--disable", d.path, "still")
		d.img("bench", "-q", "-w", "-c", "1", "-s", "8192", "-o", "40960", "-f", "qcow2", "--pattern", "7", d.path)
		for off := range 8192 {
			d.content[40960+off] = 7
		}
		n := d.ours()
		theirs := n.Bitmap("theirs")
		if theirs == nil || theirs.State() != (block.State{Enabled: true, Persistent: true}) || !slices.Equal(bits(theirs), []int64{40960, 45056}) {
			t.Fatalf("their bitmap is %+v", theirs)
		}
		if still := n.Bitmap("still"); still == nil || still.State().Enabled || still.Count() != 0 {
			t.Fatalf("their disabled bitmap is %+v", still)
		}
		// What a process that is killed leaves is known to be useless.
		if got := d.theirBitmaps(); got["theirs"] != "4096 [in-use auto]" {
			t.Errorf("in use: %v", got)
		}
		ours := block.NewBitmap("ours", 512, n.Size())
		ours.SetState(func(s *block.State) { s.Persistent, s.Enabled = true, true })
		n.AddBitmap(ours)
		n.RemoveBitmap(n.Bitmap("still"))
		d.scribble(6)
		ours.Set(0, 1)
		wantOurs, wantTheirs := bits(ours), bits(theirs)
		d.theirs()
		if got := d.theirBitmaps(); len(got) != 2 || got["theirs"] != "4096 [auto]" || got["ours"] != "512 [auto]" {
			t.Errorf("qemu-img finds %v", got)
		}
		d.same()

		// qemu-img reads our bits and writes its own of them.
		d.img("bitmap", "--add", "-g", "512", "--disable", "--merge", "ours", d.path, "copy")
		d.img("check", "-q", d.path)
		n = d.ours()
		for name, want := range map[string][]int64{"ours": wantOurs, "copy": wantOurs, "theirs": wantTheirs} {
			if b := n.Bitmap(name); b == nil || !slices.Equal(bits(b), want) {
				t.Errorf("%s is not what it was: %+v", name, b)
			}
		}
		for _, b := range n.Bitmaps() {
			n.RemoveBitmap(b)
		}
		d.theirs()
		if got := d.theirBitmaps(); len(got) != 0 {
			t.Errorf("left %v", got)
		}
		d.same()
	})
}
