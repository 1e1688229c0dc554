package images

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"qmpmigrate/core/block"
)

// maxChain is how many images may lie on top of each other.
const maxChain = 200

// Opener opens disks into a graph.
type Opener struct {
	Graph *block.Graph
	// Inactive leaves the images alone until Graph.Activate.
	Inactive bool
	// OpenFile opens a file as os.OpenFile does, with the flags of access only.
	// nil is the system's way.
	OpenFile func(path string, flags int) (*os.File, error)
	// Warn gets what people should know. nil drops it.
	Warn func(text string)
}

// Add opens a node and what it needs, as -blockdev and blockdev-add do. It
// belongs to whoever named it: RemoveNode closes it.
func (o *Opener) Add(options Options) (*block.Node, error) {
	if options.NodeName == "" {
		return nil, errors.New("'node-name' must be specified for the root node")
	}
	return o.add(options, true)
}

// AddRoot opens a node and what it needs. It lives as long as a backend uses it.
func (o *Opener) AddRoot(options Options) (*block.Node, error) { return o.add(options, false) }

// AddDrive opens the disk of a -drive. It lives as long as a backend uses it:
// Graph.RemoveBackend closes it.
func (o *Opener) AddDrive(d Drive) (*block.Node, error) {
	options, err := o.drive(d)
	if err != nil {
		return nil, err
	}
	return o.add(options, false)
}

func (o *Opener) add(options Options, owned bool) (*block.Node, error) {
	t := tree{o: o}
	root, err := t.root(options)
	if err == nil {
		var owner *block.Node
		if owned {
			owner = root
		}
		err = o.Graph.AddNodes(t.nodes, owner)
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return root, nil
}

// drive makes options of a -drive.
func (o *Opener) drive(d Drive) (Options, error) {
	name := strings.TrimPrefix(d.File, "file:")
	if protocol, _, found := strings.Cut(name, ":"); found && name == d.File && isProtocol(protocol) {
		switch protocol {
		case "null-co", "null-aio":
			if name != protocol+"://" {
				return Options{}, fmt.Errorf("The only allowed filename for this driver is '%s://'", protocol)
			}
			below := Options{Driver: protocol, Size: d.Size, ReadOnly: d.ReadOnly}
			return d.format("raw", below, false)
		case "json", "nbd", "http", "https", "ftp", "ftps", "ssh", "iscsi", "rbd", "gluster", "nfs", "blkdebug", "blkverify", "fat":
			return Options{}, notYet("The protocol '" + protocol + "'")
		}
		return Options{}, fmt.Errorf("Unknown protocol '%s'", protocol)
	}
	if name == "" {
		return Options{}, errors.New("Must specify either driver or file")
	}
	below := Options{Driver: "file", Filename: name, ReadOnly: d.ReadOnly, AutoReadOnly: true, Unlocked: d.Unlocked}
	if d.Format != "" {
		return d.format(d.Format, below, false)
	}
	format, err := o.guess(below)
	if err != nil {
		return Options{}, err
	}
	if format == "raw" {
		o.warn(fmt.Sprintf("Image format was not specified for '%s' and probing guessed raw.\n"+
			"         Automatically detecting the format is dangerous for raw images, write operations on block 0 will be restricted.\n"+
			"         Specify the 'raw' format explicitly to remove the restrictions.", d.File))
	}
	return d.format(format, below, true)
}

func (d Drive) format(format string, below Options, guessed bool) (Options, error) {
	if format == below.Driver {
		below.NodeName, below.Temporary = d.NodeName, d.Temporary
		return below, nil
	}
	return Options{Driver: format, NodeName: d.NodeName, ReadOnly: d.ReadOnly, AutoReadOnly: true, Temporary: d.Temporary,
		File: &Ref{Options: &below}, Backing: d.Backing, guessed: guessed}, nil
}

// isProtocol says whether what stands before a colon is a protocol rather than
// a piece of a filename.
func isProtocol(text string) bool {
	return text != "" && !strings.ContainsAny(text, "/")
}

func (o *Opener) warn(text string) {
	if o.Warn != nil {
		o.Warn("warning: " + text)
	}
}

func notYet(what string) error { return errors.New(what + " is not supported yet by this build") }
