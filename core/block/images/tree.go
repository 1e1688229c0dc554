package images

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/file"
	"qmpmigrate/core/block/null"
	"qmpmigrate/core/block/qcow2"
	"qmpmigrate/core/block/raw"
)

// tree is the nodes of one disk while they are opened, children first.
type tree struct {
	o     *Opener
	nodes []*block.Node
	// files are the files of the images on the way down, to find loops.
	files []os.FileInfo
}

func (t *tree) close() {
	for i := len(t.nodes) - 1; i >= 0; i-- {
		_ = t.nodes[i].Close()
	}
}

// root opens the node that a user described, and what it needs.
func (t *tree) root(o Options) (*block.Node, error) {
	if !o.Temporary {
		return t.open(o, 0)
	}
	o.ReadOnly = true
	n, err := t.open(o, 0)
	if err != nil {
		return nil, err
	}
	return t.temporary(n)
}

// open opens a node and what it needs. depth counts the images above it.
func (t *tree) open(o Options, depth int) (*block.Node, error) {
	if depth > maxChain {
		return nil, errors.New("Too many backing files")
	}
	o.Inactive = o.Inactive || t.o.Inactive
	if o.Shared && !o.ReadOnly {
		return nil, errors.New("force-share=on can only be used with read-only images")
	}
	switch o.Driver {
	case "file", "host_device":
		return t.file(o, false)
	case "null-co", "null-aio":
		return t.null(o)
	case "raw", "qcow2":
		return t.format(o, depth)
	}
	return nil, notYet("The block driver '" + o.Driver + "'")
}

// name checks the name of a node, or makes one up.
func (t *tree) name(wanted string) (string, error) {
	if wanted == "" {
		return t.o.Graph.MadeUpName(), nil
	}
	if !wellFormed(wanted) {
		return "", fmt.Errorf("Invalid node-name: '%s'", wanted)
	}
	if err := t.o.Graph.Free(wanted); err != nil {
		return "", err
	}
	for _, n := range t.nodes {
		if n.Name() == wanted {
			return "", fmt.Errorf("Duplicate nodes with node-name='%s'", wanted)
		}
	}
	if len(wanted) > 31 {
		return "", errors.New("Node name too long")
	}
	return wanted, nil
}

// add makes a node of an image, which is closed where that fails.
func (t *tree) add(name string, o Options, filename string, image block.Image, children ...block.Child) (*block.Node, error) {
	n, err := block.Open(name, o.Driver, filename, image, o.ReadOnly, o.Inactive, children...)
	if err != nil {
		return nil, err
	}
	if !t.o.Inactive {
		n.Leave() // where it is not active because others have all files
	}
	t.nodes = append(t.nodes, n)
	return n, nil
}

func (t *tree) null(o Options) (*block.Node, error) {
	name, err := t.name(o.NodeName)
	if err != nil {
		return nil, err
	}
	if o.Size == 0 {
		o.Size = null.DefaultSize
	}
	return t.add(name, o, o.Driver+"://", null.Image((o.Size+block.Sector-1)/block.Sector*block.Sector))
}

// file opens a file, which is to grow where a format is kept in it.
func (t *tree) file(o Options, grow bool) (*block.Node, error) {
	if o.Filename == "" {
		return nil, fmt.Errorf("The '%s' block driver requires a file name", o.Driver)
	}
	name, err := t.name(o.NodeName)
	if err != nil {
		return nil, err
	}
	options := file.Options{
		Device: o.Driver == "host_device", ReadOnly: o.ReadOnly, Inactive: o.Inactive || t.o.Inactive,
		Unlocked: o.Unlocked, Shared: o.Shared, Grow: grow, Open: t.o.OpenFile,
	}
	f, err := file.Open(o.Filename, options)
	if err != nil && o.AutoReadOnly && !o.ReadOnly && unwritable(err) {
		options.ReadOnly, o.ReadOnly = true, true
		f, err = file.Open(o.Filename, options)
	}
	if err != nil {
		return nil, err
	}
	return t.add(name, o, o.Filename, f)
}

// unwritable says whether reading may work where writing did not.
func unwritable(err error) bool {
	return errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EISDIR)
}

// format opens an image of a format, with what it is kept in and what is beneath.
func (t *tree) format(o Options, depth int) (*block.Node, error) {
	below, err := t.below(o, depth)
	if err != nil {
		return nil, err
	}
	name, err := t.name(o.NodeName)
	if err != nil {
		return nil, err
	}
	if below.ReadOnly() && !o.ReadOnly {
		if !o.AutoReadOnly {
			return nil, errors.New("Block node is read-only")
		}
		o.ReadOnly = true
	}
	if below.Inactive() && !o.Inactive {
		return nil, fmt.Errorf("Inactive '%s' can't be a file child of active '%s'", below.Name(), name)
	}
	child := block.Child{Role: "file", Node: below}
	if o.Driver == "raw" {
		image, err := raw.New(below.Storage(), raw.Options{Offset: o.Offset, Size: o.Size, Guessed: o.guessed})
		if err != nil {
			return nil, err
		}
		return t.add(name, o, below.Filename(), image, child)
	}
	children := []block.Child{child}
	image, err := qcow2.Open(below.Storage(), qcow2.Options{
		ReadOnly: o.ReadOnly, Inactive: o.Inactive, Warn: t.o.warn,
		Data: func(called string) (block.Storage, error) {
			n, err := t.data(o, called)
			if err != nil || n == nil {
				return nil, err
			}
			children = append(children, block.Child{Role: "data-file", Node: n})
			return n.Storage(), nil
		},
	})
	if err != nil {
		return nil, err
	}
	if o.Data != nil && len(children) == 1 {
		return nil, errors.New("'data-file' can only be set for images with an external data file")
	}
	n, err := t.add(name, o, below.Filename(), image, children...)
	if err != nil {
		return nil, err
	}
	return n, t.backing(n, image, o, depth)
}

// data is the node that has the content of a qcow2's disk, which the image calls
// so; nil where neither says where it is.
func (t *tree) data(o Options, called string) (*block.Node, error) {
	inner := Options{Driver: "file", Filename: called, AutoReadOnly: o.AutoReadOnly}
	switch {
	case o.Data != nil && o.Data.Options == nil:
		return t.existing(o.Data.Node)
	case o.Data != nil:
		inner = *o.Data.Options
	case called == "":
		return nil, nil
	}
	return t.kept(inner.beneath(o), true, 1)
}

// below is the node that a format is kept in.
func (t *tree) below(o Options, depth int) (*block.Node, error) {
	switch {
	case o.File == nil:
		return nil, errors.New("A block device must be specified for \"file\"")
	case o.File.Options == nil:
		return t.existing(o.File.Node)
	}
	return t.kept(o.File.Options.beneath(o), o.Driver == "qcow2", depth+1)
}

// kept opens a node that a format keeps something in, which makes it longer where
// it is a file that grows.
func (t *tree) kept(o Options, grow bool, depth int) (*block.Node, error) {
	if o.Driver == "file" {
		return t.file(o, grow)
	}
	return t.open(o, depth)
}

// existing finds a node by its name.
func (t *tree) existing(name string) (*block.Node, error) {
	n := t.o.Graph.Node(name)
	if n == nil {
		return nil, fmt.Errorf("Cannot find device='%s' nor node-name='%s'", name, name)
	}
	return n, nil
}

func wellFormed(id string) bool {
	for i, c := range []byte(id) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '-' && c != '.' && c != '_') {
			return false
		}
	}
	return id != ""
}
