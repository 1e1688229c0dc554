package images

import (
	"os"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/qcow2"
)

// temporary makes a node on top of one, which keeps what is written in a file
// that has no name any more and is gone with the process.
func (t *tree) temporary(base *block.Node) (*block.Node, error) {
	dir := os.Getenv("TMPDIR")
	if dir == "" {
		dir = "/var/tmp" // what is written to a disk may be too much for where memory is used
	}
	f, err := os.CreateTemp(dir, "vl.")
	if err != nil {
		return nil, block.Failed(err, "Could not get temporary filename")
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return nil, block.Failed(err, "Could not create temporary overlay '%s'", f.Name())
	}
	// It is nobody else's, so that it is active whatever the image beneath is.
	below, err := (&tree{o: &Opener{Graph: t.o.Graph, OpenFile: t.o.OpenFile}}).file(Options{Driver: "file", Filename: f.Name()}, true)
	if err != nil {
		return nil, err
	}
	t.nodes = append(t.nodes, below)
	if err := qcow2.Create(below.Storage(), qcow2.CreateOptions{Size: base.Size()}); err != nil {
		return nil, block.Failed(err, "Could not create temporary overlay '%s'", f.Name())
	}
	image, err := qcow2.Open(below.Storage(), qcow2.Options{Warn: t.o.warn})
	if err != nil {
		return nil, err
	}
	image.SetBacking(base)
	child, beneath := block.Child{Role: "file", Node: below}, block.Child{Role: "backing", Node: base}
	return t.add(t.o.Graph.MadeUpName(), Options{Driver: "qcow2"}, f.Name(), image, child, beneath)
}
