package images

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/file"
	"qmpmigrate/core/block/qcow2"
)

func write(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// create makes a qcow2 in dir.
func create(t testing.TB, path string, o qcow2.CreateOptions) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := file.Open(path, file.Options{Grow: true})
	if err != nil {
		t.Fatal(err)
	}
	n := block.NewNode("n", "file", path, f, false)
	if err := qcow2.Create(n.Storage(), o); err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
}

// A drive of an unknown format is looked at, has a node for the file and one
// for the format, and goes with its backend.
func TestDrive(t *testing.T) {
	content := bytes.Repeat([]byte{7}, 3*512)
	var g block.Graph
	warned := ""
	o := Opener{Graph: &g, Warn: func(text string) { warned += text }}
	n, err := o.AddDrive(Drive{File: write(t, content)})
	if err != nil {
		t.Fatal(err)
	}
	g.AddBackend(block.Backend{Name: "ide0-hd0", Node: n})
	got := make([]byte, len(content))
	if _, err := n.ReadAt(got, 0); err != nil || !bytes.Equal(got, content) {
		t.Fatalf("read %v", err)
	}
	nodes := g.Nodes()
	if len(nodes) != 2 || nodes[0] != n || n.Driver() != "raw" || nodes[1].Driver() != "file" {
		t.Fatalf("nodes %v", nodes)
	}
	if !strings.HasPrefix(nodes[1].Name(), "#block0") || !strings.HasPrefix(n.Name(), "#block1") || len(n.Name()) != len("#block1xx") {
		t.Errorf("names %q %q", nodes[1].Name(), n.Name())
	}
	if !strings.Contains(warned, "probing guessed raw") {
		t.Errorf("warned %q", warned)
	}
	// What would make it look like another format is refused.
	if _, err := n.WriteAt(append([]byte("QFI\xfb\x00\x00\x00\x03"), make([]byte, 504)...), 0); err == nil {
		t.Error("wrote another format's magic")
	}
	if err := g.RemoveNode(n.Name()); err == nil || err.Error() != "Node "+n.Name()+" is in use" {
		t.Errorf("removed: %v", err)
	}
	if err := g.RemoveBackend("ide0-hd0"); err != nil || len(g.Nodes()) != 0 {
		t.Errorf("%v, left %v", err, g.Nodes())
	}
}

// Nodes that others use stay, and go in the right order.
func TestNodesOfUsers(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "d.qcow2")
	create(t, path, qcow2.CreateOptions{Size: 1 << 20})
	var g block.Graph
	o := Opener{Graph: &g}
	if _, err := o.Add(Options{Driver: "file", NodeName: "f", Filename: path}); err != nil {
		t.Fatal(err)
	}
	n, err := o.Add(Options{Driver: "qcow2", NodeName: "q", File: &Ref{Node: "f"}})
	if err != nil {
		t.Fatal(err)
	}
	if n.Size() != 1<<20 || g.Find("q") != n {
		t.Error("not the disk")
	}
	for name, want := range map[string]string{
		"f": "Block device f is in use",
		"x": "Failed to find node with node-name='x'",
	} {
		if err := g.RemoveNode(name); err == nil || err.Error() != want {
			t.Errorf("remove %s: %v", name, err)
		}
	}
	if err := g.RemoveNode("q"); err != nil {
		t.Fatal(err)
	}
	if err := g.RemoveNode("f"); err != nil || len(g.Nodes()) != 0 {
		t.Fatal(err, g.Nodes())
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	raw, loop, missing := write(t, make([]byte, 512)), filepath.Join(dir, "loop"), filepath.Join(dir, "missing.qcow2")
	create(t, loop, qcow2.CreateOptions{Size: 1 << 20, BackingFile: "loop", BackingFormat: "qcow2"})
	create(t, missing, qcow2.CreateOptions{Size: 1 << 20, BackingFile: "none", BackingFormat: "raw"})
	var g block.Graph
	o := Opener{Graph: &g}
	if _, err := o.Add(Options{Driver: "null-co", NodeName: "taken"}); err != nil {
		t.Fatal(err)
	}
	g.AddBackend(block.Backend{Name: "drive", Node: g.Node("taken")})
	in := func(driver, path string) *Ref { return &Ref{Options: &Options{Driver: driver, Filename: path}} }
	for want, options := range map[string]Options{
		"Could not open '/nonexistent': No such file or directory":                                                    {Driver: "file", NodeName: "a", Filename: "/nonexistent"},
		"Could not open '" + dir + "': Is a directory":                                                                {Driver: "file", NodeName: "a", Filename: dir},
		"'file' driver requires '" + dir + "' to be a regular file":                                                   {Driver: "file", NodeName: "a", Filename: dir, ReadOnly: true},
		"Image is not in qcow2 format":                                                                                {Driver: "qcow2", NodeName: "a", File: in("file", raw)},
		"Duplicate nodes with node-name='taken'":                                                                      {Driver: "raw", NodeName: "taken", File: in("file", raw)},
		"node-name=drive is conflicting with a device id":                                                             {Driver: "raw", NodeName: "drive", File: in("file", raw)},
		"Invalid node-name: '#x'":                                                                                     {Driver: "raw", NodeName: "#x", File: in("file", raw)},
		"Cannot find device='nobody' nor node-name='nobody'":                                                          {Driver: "raw", NodeName: "a", File: &Ref{Node: "nobody"}},
		"'node-name' must be specified for the root node":                                                             {Driver: "raw", File: in("file", raw)},
		"The block driver 'nbd' is not supported yet by this build":                                                   {Driver: "nbd", NodeName: "a"},
		"Could not open backing file: Backing file 'loop' creates an infinite loop.":                                  {Driver: "qcow2", NodeName: "a", File: in("file", loop)},
		"Could not open backing file: Could not open '" + filepath.Join(dir, "none") + "': No such file or directory": {Driver: "qcow2", NodeName: "a", File: in("file", missing)},
	} {
		if _, err := o.Add(options); err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
	if len(g.Nodes()) != 1 {
		t.Errorf("left %v", g.Nodes())
	}
}

// Two processes, or two machines, do not use a file at once; an inactive disk
// leaves it to others.
func TestOneUserAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d.qcow2")
	create(t, path, qcow2.CreateOptions{Size: 1 << 20})
	var here, there block.Graph
	options := Options{Driver: "qcow2", NodeName: "q", File: &Ref{Options: &Options{Driver: "file", Filename: path}}}
	a, err := (&Opener{Graph: &here}).Add(options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&Opener{Graph: &there}).Add(options); err == nil || err.Error() != `Failed to get "write" lock` {
		t.Fatalf("opened twice: %v", err)
	}
	b, err := (&Opener{Graph: &there, Inactive: true}).Add(options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.WriteAt(make([]byte, 512), 0); err == nil {
		t.Error("wrote to an inactive node")
	}
	if err := there.Activate(); err == nil {
		t.Fatal("activated what is in use")
	}
	if _, err := a.WriteAt(bytes.Repeat([]byte{5}, 512), 4096); err != nil {
		t.Fatal(err)
	}
	if err := here.Inactivate(); err != nil {
		t.Fatal(err)
	}
	if err := there.Activate(); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 512)
	if _, err := b.ReadAt(got, 4096); err != nil || got[0] != 5 {
		t.Errorf("read %v %v", err, got[0])
	}
	if err := here.Close(); err != nil {
		t.Error(err)
	}
	if err := there.Close(); err != nil {
		t.Error(err)
	}
}
