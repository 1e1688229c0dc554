package images

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/images"
	"qmpmigrate/tests/emulator"
)

// What qemu-img can make and we cannot read is refused by name, and left as it is.
func TestForeignImages(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ options, want string }{
		{"extended_l2=on,cluster_size=128k", "A qcow2 image with extended L2 entries is not supported yet by this build"},
		{"encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10", "An encrypted qcow2 image is not supported yet by this build"},
	} {
		path := filepath.Join(dir, "image")
		emulator.Img(t, "10.0", "create", "-q", "-f", "qcow2", "--object", "secret,id=key,data=word", "-o", c.options, path, "1M")
		before, err := os.ReadFile(path)
		emulator.Must(t, err)
		for _, o := range []images.Opener{{Graph: &block.Graph{}}, {Graph: &block.Graph{}, Inactive: true}} {
			for _, format := range []string{"qcow2", ""} {
				if _, err := o.AddDrive(images.Drive{File: path, Format: format}); err == nil || err.Error() != c.want {
					t.Errorf("%s: %v", c.options, err)
				}
			}
			if nodes := o.Graph.Nodes(); len(nodes) > 0 {
				t.Errorf("%s: %d nodes are left", c.options, len(nodes))
			}
		}
		after, err := os.ReadFile(path)
		emulator.Must(t, err)
		if !bytes.Equal(before, after) {
			t.Errorf("%s: was written", c.options)
		}
		emulator.Must(t, os.Remove(path))
	}
}
