package images

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/images"
	"qmpmigrate/tests/emulator"
)

// A disk whose content is in another file than its image: found by the name that the image has for it, or by what the
// user says, left alone while another has the VM, and without snapshots.
func TestDataFile(t *testing.T) {
	dir := t.TempDir()
	path, moved := filepath.Join(dir, "image"), filepath.Join(dir, "moved")
	emulator.Img(t, "10.0", "create", "-q", "-f", "qcow2", "-o", "data_file="+filepath.Join(dir, "data"), path, "1M")
	emulator.Must(t, os.Rename(filepath.Join(dir, "data"), moved))
	file := func(name string) *images.Ref {
		return &images.Ref{Options: &images.Options{Driver: "file", Filename: name}}
	}
	graph := &block.Graph{}
	emulator.Must(t, graph.Inactivate())
	o := images.Opener{Graph: graph, Inactive: true}
	if _, err := o.AddDrive(images.Drive{File: path, Format: "qcow2"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without its file: %v", err)
	}
	n, err := o.AddRoot(images.Options{Driver: "qcow2", File: file(path), Data: file(moved)})
	emulator.Must(t, err)
	emulator.Img(t, "10.0", "bench", "-c", "1", "-q", "-w", "--pattern=7", "-o", "65536", "--image-opts",
		"driver=qcow2,file.filename="+path+",data-file.driver=file,data-file.filename="+moved)
	emulator.Must(t, graph.Activate())
	if q := n.Info().Qcow2; !q.External || q.DataFile != filepath.Join(dir, "data") || q.RawData {
		t.Errorf("%+v", q)
	}
	p := make([]byte, 512)
	if _, err := n.ReadAt(p, 65536); err != nil || p[0] != 7 {
		t.Errorf("what was written meanwhile: %x, %v", p[0], err)
	}
	_, err = n.WriteAt([]byte("the very beginning"), 0)
	emulator.Must(t, err)
	_, err = n.Snapshots(func(s block.Snapshots) error {
		_, err := s.Create(block.Snapshot{Name: "s"})
		return err
	})
	if !errors.Is(err, syscall.ENOTSUP) {
		t.Errorf("snapshot: %v", err)
	}
	emulator.Must(t, graph.Close())
	content, err := os.ReadFile(moved)
	if err != nil || string(content[:18]) != "the very beginning" || content[65536] != 7 {
		t.Errorf("the file has %q, %v", content[:18], err)
	}

	emulator.Img(t, "10.0", "create", "-q", "-f", "qcow2", path, "1M")
	o = images.Opener{Graph: &block.Graph{}}
	_, err = o.AddRoot(images.Options{Driver: "qcow2", File: file(path), Data: file(moved)})
	if err == nil || err.Error() != "'data-file' can only be set for images with an external data file" {
		t.Errorf("for an image that needs none: %v", err)
	}
}
