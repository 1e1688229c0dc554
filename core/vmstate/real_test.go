package vmstate

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// capture is what a real QEMU sent: the sections of its devices and their description.
type capture struct {
	file    string
	text    []byte
	devices []byte // from the first section that text describes to EOF, included
}

// captures reads those test streams that have a description.
func captures(t testing.TB) []capture {
	t.Helper()
	files, err := filepath.Glob("../inspect/testdata/*.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	var all []capture
	for _, file := range files {
		packed, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if c, ok := split(data); ok {
			c.file = filepath.Base(file)
			all = append(all, c)
		}
	}
	return all
}

// split finds the description from the end of the stream, and the devices by
// the header of the first one that it describes.
func split(data []byte) (c capture, ok bool) {
	at := bytes.LastIndex(data, []byte(`"page_size": `))
	for ; at > 0; at-- {
		if wire.SectionType(data[at]) == wire.VMDescription &&
			int(binary.BigEndian.Uint32(data[at+1:])) == len(data)-at-5 {
			break
		}
	}
	if at <= 0 {
		return c, false
	}
	c.text, data = data[at+5:], data[:at]
	desc, err := ParseDescription(c.text)
	if err != nil {
		return c, false
	}
	d := desc.Devices[0]
	header := wire.AppendCounted(nil, d.Name)
	header = binary.BigEndian.AppendUint32(header, d.Instance)
	header = binary.BigEndian.AppendUint32(header, d.Version)
	c.devices = data[bytes.LastIndex(data, header)-5:]
	return c, true
}

// bodySize adds up what a description says, without looking at the body.
func bodySize(s *StateDesc) (size int) {
	for i := range s.Fields {
		size += int(s.Fields[i].Len * s.Fields[i].Size)
	}
	for i := range s.Subsections {
		size += 1 + 1 + len(s.Subsections[i].VMSD) + 4 + bodySize(&s.Subsections[i])
	}
	return size
}

// Every byte of every device section belongs to a field, and the search for
// footers finds the ends that the description tells.
func TestRealDevices(t *testing.T) {
	seen := 0
	for _, c := range captures(t) {
		desc, err := ParseDescription(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if desc.PageSize != 4096 {
			t.Errorf("%s: page size %d", c.file, desc.PageSize)
		}
		r := stream.NewReader(bytes.NewReader(c.devices))
		for i := range desc.Devices {
			d := &desc.Devices[i]
			kind, id := wire.SectionType(r.U8()), r.U32()
			name, instance, version := r.CountedString(), r.U32(), r.U32()
			if kind != wire.SectionFull || name != d.Name || instance != d.Instance || d.VMSD != "" && version != d.Version {
				t.Fatalf("%s: %v %q %d %d, described as %q %d %d", c.file, kind, name, instance, version, d.Name, d.Instance, d.Version)
			}
			body, err := (&BodyEnd{ID: id}).ReadBody(r, nil, 1<<20)
			if err != nil {
				t.Fatalf("%s %s: %v", c.file, name, err)
			}
			if want := bodySize(&d.StateDesc); len(body) != want {
				t.Fatalf("%s %s: the footer is found after %d bytes, %d are described", c.file, name, len(body), want)
			}
			root, err := Dissect(d, body)
			if err != nil {
				t.Fatalf("%s: %v", c.file, err)
			}
			covered(t, root)
			r.Skip(wire.FooterSize)
			seen++
		}
		if kind := wire.SectionType(r.U8()); kind != wire.EOF || r.Err() != nil || r.Offset() != int64(len(c.devices)) {
			t.Errorf("%s: devices end with %v, %v", c.file, kind, r.Err())
		}
	}
	if seen < 200 {
		t.Errorf("only %d sections seen", seen)
	}
}

// covered checks that children follow each other without gaps, but for the
// frames of subsections, lists and trees, and make up their parent.
func covered(t *testing.T, n *Node) {
	t.Helper()
	at := n.Offset
	if n.Type == TypeSubsection {
		at += 6 + len(n.Name)
	}
	for i := range n.Children {
		c := &n.Children[i]
		if c.Offset != at || len(c.Raw) != c.Size {
			t.Fatalf("%s.%s at %d, the one before ends at %d", n.Name, c.Name, c.Offset, at)
		}
		at += c.Size
		covered(t, c)
	}
	if len(n.Children) > 0 && at != n.Offset+n.Size {
		t.Fatalf("%s: fields end at %d, size is %d", n.Name, at, n.Size)
	}
}

// Known values of the machines that were captured.
func TestRealValues(t *testing.T) {
	c := captures(t)[0]
	desc, err := ParseDescription(c.text)
	if err != nil {
		t.Fatal(err)
	}
	d := desc.Device("globalstate", 0, 0)
	body := c.devices[len(c.devices)-1-wire.FooterSize-bodySize(&d.StateDesc):]
	root, err := Dissect(d, body[:bodySize(&d.StateDesc)])
	if err != nil {
		t.Fatal(err)
	}
	size, state := &root.Children[0], &root.Children[1]
	if size.Name != "size" || size.Value() != uint64(len("paused")+1) || !bytes.HasPrefix(state.Raw, []byte("paused\x00")) {
		t.Errorf("%+v", root)
	}
}

// The same search over a channel that gives a byte at a time.
func TestRealDevicesByteByByte(t *testing.T) {
	c := captures(t)[0]
	r := stream.NewReader(iotest.OneByteReader(bytes.NewReader(c.devices)))
	n := 0
	for ; ; n++ {
		if wire.SectionType(r.U8()) == wire.EOF {
			break
		}
		id := r.U32()
		r.CountedString()
		r.Skip(8)
		if _, err := (&BodyEnd{ID: id}).ReadBody(r, nil, 1<<20); err != nil {
			t.Fatal(err)
		}
		r.Skip(wire.FooterSize)
	}
	desc, err := ParseDescription(c.text)
	if err != nil || n != len(desc.Devices) {
		t.Errorf("%d sections, %v", n, err)
	}
}

func BenchmarkParseDescription(b *testing.B) {
	text := captures(b)[0].text
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := ParseDescription(text); err != nil {
			b.Fatal(err)
		}
	}
}
