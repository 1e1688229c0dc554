package images

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/qcow2"
	"qmpmigrate/core/block/raw"
)

// backing opens what lies beneath an image: what the options say, or else what
// the image itself says.
func (t *tree) backing(n *block.Node, image *qcow2.Image, o Options, depth int) error {
	info := image.Info()
	var below *block.Node
	var err error
	switch {
	case o.Backing != nil && o.Backing.Node != "":
		below, err = t.existing(o.Backing.Node)
	case o.Backing != nil && o.Backing.Options != nil:
		inner := o.Backing.Options.beneath(o)
		inner.ReadOnly = true
		below, err = t.open(inner, depth+1)
	case o.Backing != nil || info.BackingFile == "":
		return nil
	default:
		below, err = t.named(n.Filename(), info.BackingFile, info.BackingFormat, o, depth)
	}
	if err != nil {
		return fmt.Errorf("Could not open backing file: %w", err)
	}
	image.SetBacking(below)
	n.AddChild(block.Child{Role: "backing", Node: below})
	return nil
}

// named opens the backing file that an image names, relative to its own folder. o is how the image is opened.
func (t *tree) named(overlay, name, format string, o Options, depth int) (*block.Node, error) {
	path := strings.TrimPrefix(name, "file:")
	if protocol, _, found := strings.Cut(path, ":"); found && path == name && isProtocol(protocol) {
		return nil, notYet("The protocol '" + protocol + "' of a backing file")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(overlay), path)
	}
	for _, above := range [...]string{overlay, path} {
		info, err := os.Stat(above)
		if err != nil {
			continue // what opens it has the words
		}
		for _, seen := range t.files {
			if above == path && os.SameFile(info, seen) {
				return nil, fmt.Errorf("Backing file '%s' creates an infinite loop.", name)
			}
		}
		t.files = append(t.files, info)
	}
	below := Options{Driver: "file", Filename: path, ReadOnly: true}
	if format == "" {
		guessed, err := t.o.guess(below)
		if err != nil {
			return nil, err
		}
		format = guessed
	}
	return t.open(Options{Driver: format, ReadOnly: true, File: &Ref{Options: &below}}.beneath(o), depth+1)
}

// guess looks how a file begins.
func (o *Opener) guess(options Options) (format string, err error) {
	t := tree{o: &Opener{Graph: &block.Graph{}, Inactive: true, OpenFile: o.OpenFile}}
	defer t.close()
	options.ReadOnly = true
	n, err := t.file(options, false)
	if err != nil {
		return "", err
	}
	begin := make([]byte, block.Sector)
	if _, err := n.Storage().ReadAt(begin, 0); err != nil {
		return "", block.Failed(err, "Could not read image for determining its format")
	}
	return raw.Guess(begin), nil
}
