package interop

import (
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// qcow2Node is an image of its own as a node, in which bitmaps can be kept.
func qcow2Node(t *testing.T, node string) (path string, args []string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "data.qcow2")
	emulator.Img(t, "7.2", "create", "-q", "-f", "qcow2", path, "10M")
	return path, []string{"-blockdev", "driver=qcow2,node-name=" + node + ",file.driver=file,file.filename=" + path}
}

// mapped is block-bitmap-mapping of one node.
func mapped(node, alias string, bitmaps ...map[string]any) map[string]any {
	return map[string]any{"block-bitmap-mapping": []map[string]any{{"node-name": node, "alias": alias, "bitmaps": bitmaps}}}
}

func bitmap(name, alias string) map[string]any { return map[string]any{"name": name, "alias": alias} }

// kept is a bitmap of which the mapping says whether the image keeps it.
func kept(name, alias string, persistent bool) map[string]any {
	b := bitmap(name, alias)
	b["transform"] = map[string]any{"persistent": persistent}
	return b
}

// bitmapsOf gives the sums of a node's bitmaps, and says which of them the image keeps.
func bitmapsOf(t *testing.T, e *emulator.Emulator, node string) (sums map[string]string, persistent map[string]bool) {
	t.Helper()
	var nodes []struct {
		Name    string `json:"node-name"`
		Bitmaps []struct {
			Name       string
			Persistent bool
		} `json:"dirty-bitmaps"`
	}
	emulator.Must(t, e.Execute(t.Context(), "query-named-block-nodes", map[string]any{"flat": true}, &nodes))
	sums, persistent = map[string]string{}, map[string]bool{}
	for _, n := range nodes {
		if n.Name != node {
			continue
		}
		for _, b := range n.Bitmaps {
			var r struct{ SHA256 string }
			emulator.Must(t, e.Execute(t.Context(), "x-debug-block-dirty-bitmap-sha256", map[string]any{"node": node, "name": b.Name}, &r))
			sums[b.Name], persistent[b.Name] = r.SHA256, b.Persistent
		}
	}
	return sums, persistent
}

// Bitmaps go under other names in the stream than at either end, as do their nodes, and become such as an image keeps, or
// no longer are: because the source's mapping says so, and because the destination's does.
func TestBitmapAliases(t *testing.T) {
	for _, v := range []struct{ from, to string }{{"7.2", "10.0"}, {"10.0", "7.2"}} {
		t.Run(v.from+" "+v.to, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			_, here := qcow2Node(t, "data")
			middle, own := qcow2Node(t, "mine")
			last, there := qcow2Node(t, "data")
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.from), "source", "pc-i440fx-7.2", nil, here...)
			parked := emulator.Launch(t, emulator.NeedServer(t), "parked", append(own, "-machine", "adopt", "-nodefaults", "-incoming", "defer")...)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, v.to), "destination", "pc-i440fx-7.2", nil,
				append(there, "-S", "-incoming", "defer")...)
			emulator.Must(t, src.WaitBooted(ctx))
			bitmaps(t, src)
			was, _ := bitmapsOf(t, src, "data")

			emulator.Must(t, src.SetCapabilities(ctx, "dirty-bitmaps"))
			emulator.Must(t, src.SetParameters(ctx, fast))
			emulator.Must(t, src.SetParameters(ctx, mapped("data", "first", kept("fine", "f", true), bitmap("coarse", "c")))) // and "still" stays
			emulator.Must(t, parked.SetParameters(ctx, mapped("mine", "first", bitmap("thin", "f"), kept("thick", "c", true))))
			move(t, emulator.Unix(), src, parked)
			sums, persistent := bitmapsOf(t, parked, "mine")
			if len(sums) != 2 || sums["thin"] != was["fine"] || sums["thick"] != was["coarse"] || !persistent["thin"] || !persistent["thick"] {
				t.Errorf("parked: %v, %v; was %v", sums, persistent, was)
			}

			emulator.Must(t, parked.SetCapabilities(ctx, "dirty-bitmaps"))
			emulator.Must(t, parked.SetParameters(ctx, mapped("mine", "second", kept("thin", "t1", false), bitmap("thick", "t2"))))
			emulator.Must(t, dst.SetParameters(ctx, mapped("data", "second", bitmap("fine", "t1"), bitmap("coarse", "t2"))))
			move(t, emulator.Unix(), parked, dst)
			goesOn(t, dst)
			if v.to == "10.0" {
				// A 10.0 whose guest has a drive looks no further when it takes its disks, and leaves out a node that only a
				// user holds: it says that it keeps the bitmap, and never writes it.
				emulator.Must(t, dst.Execute(ctx, "blockdev-set-active", map[string]any{"node-name": "data", "active": true}, nil))
			}
			sums, persistent = bitmapsOf(t, dst, "data")
			if len(sums) != 2 || sums["fine"] != was["fine"] || sums["coarse"] != was["coarse"] || persistent["fine"] || !persistent["coarse"] {
				t.Errorf("destination: %v, %v; was %v", sums, persistent, was)
			}
			for _, e := range []*emulator.Emulator{src, parked, dst} {
				emulator.Must(t, e.Stop())
			}
			// They went on: none stays in the image of the machine that was left, and that which is to be kept is.
			for path, want := range map[string]bool{middle: false, last: true} {
				info := emulator.Img(t, "10.0", "info", path)
				if strings.Contains(info, "name: coarse") != want || strings.Contains(info, "name: thick") || strings.Contains(info, "name: fine") {
					t.Errorf("qemu-img info: %s", info)
				}
				emulator.Img(t, "10.0", "check", "-q", path)
			}
		})
	}
}
