package interop

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"qmpmigrate/tests/dissect"
	"qmpmigrate/tests/emulator"
	"qmpmigrate/tests/testdata"
)

// inspected is the part of inspect's JSON that this test looks at.
type inspected struct {
	Size          int64
	Configuration struct{ Machine string }
	Elements      []struct {
		Kind    string
		Offset  int64
		Length  int64
		Section *struct {
			ID         uint32
			Name       string
			Instance   uint32
			Version    uint32
			BodyOffset int64 `json:"body-offset"`
			BodyLength int64 `json:"body-length"`
		}
		Device *node
	}
	RAM struct {
		Pages  struct{ Normal, Zero int }
		Blocks []struct {
			Name string
			Used uint64 `json:"used-length"`
		}
	}
}

type node struct {
	Name, Type   string
	Offset, Size int64
	Count        *int64
	Value        any
	Fields       []node
}

// What inspect finds in real streams is what QEMU says that is there: sections, fields, and every byte of
// every device.
func TestInspectAgreesWithDescription(t *testing.T) {
	captures, err := testdata.Captures()
	emulator.Must(t, err)
	for _, capture := range captures {
		t.Run(capture.Name, func(t *testing.T) { inspectAgrees(t, capture.Data) })
	}
	full := append(devices(), "-device", "virtio-gpu-pci", "-device", "ich9-usb-ehci1", "-device", "lsi53c895a",
		"-device", "virtio-scsi-pci", "-device", "intel-hda", "-device", "pvpanic", "-device", "i6300esb", "-smp", "3")
	for _, tc := range []struct {
		version, machine string
		devices          []string
	}{
		{"7.2", "pc-i440fx-7.2", nil}, {"10.0", "pc-i440fx-10.0", nil},
		{"7.2", "pc-q35-7.2", full}, {"10.0", "pc-q35-10.0", full},
	} {
		t.Run("live/"+tc.machine, func(t *testing.T) {
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, tc.version), "source", tc.machine, tc.devices)
			emulator.Must(t, src.WaitBooted(t.Context()))
			inspectAgrees(t, stored(t, src, "exec:cat > "))
		})
	}
}

// A stream of our own guest is no different.
func TestInspectAgreesWithMemtest(t *testing.T) {
	for name, options := range map[string]string{"sweep": "", "stress": ",workload=stress,fill=5", "idle": ",workload=idle"} {
		t.Run(name, func(t *testing.T) {
			src := emulator.Launch(t, emulator.NeedServer(t), "source", "-machine", "memtest"+options, "-m", "128",
				"-smp", "2", "-nodefaults")
			inspectAgrees(t, stored(t, src, "file:"))
		})
	}
}

// stored migrates into a file.
func stored(t *testing.T, src *emulator.Emulator, uri string) []byte {
	t.Helper()
	path := filepath.Join(src.Dir, "stream")
	emulator.Must(t, src.SetParameters(t.Context(), fast))
	emulator.Must(t, src.MigrateTo(t.Context(), uri+path))
	_, err := src.WaitMigration(t.Context(), "completed")
	emulator.Must(t, err)
	data, err := os.ReadFile(path)
	emulator.Must(t, err)
	return data
}

func inspectAgrees(t *testing.T, data []byte) {
	t.Helper()
	s, err := dissect.Read(data)
	emulator.Must(t, err)
	seen := inspect(t, data)
	if seen.Size != int64(len(data)) || seen.Configuration.Machine != s.Machine {
		t.Errorf("%d bytes of machine %s, not %d of %s", seen.Size, seen.Configuration.Machine, len(data), s.Machine)
	}
	if seen.RAM.Pages.Normal != s.Pages || seen.RAM.Pages.Zero != s.ZeroPages || len(seen.RAM.Blocks) != len(s.Blocks) {
		t.Errorf("RAM is %+v, not %d pages, %d zero, %v", seen.RAM, s.Pages, s.ZeroPages, s.Blocks)
	} else {
		for i, b := range s.Blocks {
			if seen.RAM.Blocks[i].Name != b.Name || seen.RAM.Blocks[i].Used != b.Size {
				t.Errorf("block %d is %+v, not %v", i, seen.RAM.Blocks[i], b)
			}
		}
	}
	described := map[string]dissect.Device{}
	devices, err := s.Devices()
	emulator.Must(t, err)
	for _, d := range devices {
		described[fmt.Sprintf("%s/%d", d.Name, d.Instance)] = d
	}
	at, sections := int64(0), s.Sections
	for _, element := range seen.Elements {
		if element.Offset != at {
			t.Errorf("%s at %d, but what is before it ends at %d", element.Kind, element.Offset, at)
		}
		at = element.Offset + element.Length
		if element.Section == nil {
			continue
		}
		if len(sections) == 0 {
			t.Fatalf("no section is at %d", element.Offset)
		}
		want, got := sections[0], element.Section
		sections = sections[1:]
		if got.ID != want.ID || element.Offset != want.Start || got.BodyOffset != want.Body ||
			got.BodyOffset+got.BodyLength != want.End || at != want.End+dissect.FooterSize {
			t.Errorf("section at %d is %+v, not %+v", element.Offset, *got, want)
		}
		if want.Type == dissect.Full {
			key := fmt.Sprintf("%s/%d", want.Name, want.Instance)
			if got.Name != want.Name || got.Instance != want.Instance || element.Device == nil {
				t.Errorf("section at %d is %+v with device %v, not %s", element.Offset, *got, element.Device != nil, key)
				continue
			}
			c := comparison{t, data}
			c.body(key, described[key].Body, want.Body, want.End, element.Device.Fields)
		}
	}
	if at != seen.Size || len(sections) != 0 {
		t.Errorf("elements end at %d of %d; sections not found: %v", at, seen.Size, sections)
	}
}

func inspect(t *testing.T, data []byte) inspected {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), emulator.NeedServer(t).Path, "inspect", "--json", "-")
	cmd.Stdin = bytes.NewReader(data)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("inspect: %v\n%s", err, &stderr)
	}
	var seen inspected
	decoder := json.NewDecoder(bytes.NewReader(out))
	decoder.UseNumber() // 64-bit values would not survive as floats
	emulator.Must(t, decoder.Decode(&seen))
	return seen
}

// comparison compares nodes with descriptions.
type comparison struct {
	t    *testing.T
	data []byte
}

// body checks that nodes are the fields and subsections of b, which lies from at to end, without a gap.
func (c comparison) body(path string, b dissect.Body, at, end int64, nodes []node) {
	next := func(name, kind string, size int64) (node, bool) {
		if len(nodes) == 0 {
			c.t.Errorf("%s: %s at %d is missing", path, name, at)
			return node{}, false
		}
		n := nodes[0]
		nodes = nodes[1:]
		if n.Name != name || n.Type != kind || n.Offset != at || n.Size != size {
			c.t.Errorf("%s: %s %s at %d of %d bytes, not %s %s at %d of %d",
				path, n.Type, n.Name, n.Offset, n.Size, kind, name, at, size)
			return node{}, false
		}
		return n, true
	}
	for _, f := range b.Fields {
		if f.Type != "struct" {
			n, ok := next(f.Name, f.Type, f.Size*f.Elements())
			if !ok {
				return
			}
			c.value(path, f, n)
			at += n.Size
			continue
		}
		for range f.Elements() {
			n, ok := next(f.Name, f.Type, f.Size)
			if !ok {
				return
			}
			c.body(path+"."+f.Name, *f.Struct, at, at+f.Size, n.Fields)
			at += f.Size
		}
	}
	for _, s := range b.Subsections {
		n, ok := next(s.Name, "subsection", s.Frame()+s.Size())
		if !ok {
			return
		}
		c.body(path+"/"+s.Name, s.Body, at+s.Frame(), at+n.Size, n.Fields)
		at += n.Size
	}
	if at != end || len(nodes) != 0 {
		c.t.Errorf("%s: fields end at %d, not %d; %d more", path, at, end, len(nodes))
	}
}

// value checks the value of plain numbers.
func (c comparison) value(path string, f dissect.Field, n node) {
	if f.Elements() != 1 {
		if n.Count == nil || *n.Count != f.Elements() {
			c.t.Errorf("%s.%s: count is %v, not %d", path, f.Name, n.Count, f.Elements())
		}
		return
	}
	raw, want := c.data[n.Offset:n.Offset+n.Size], ""
	switch f.Type {
	case "uint8", "uint16", "uint32", "uint64":
		want = fmt.Sprint(binary.BigEndian.Uint64(append(make([]byte, 8-len(raw)), raw...)))
	case "int32":
		want = fmt.Sprint(int32(binary.BigEndian.Uint32(raw)))
	case "int64":
		want = fmt.Sprint(int64(binary.BigEndian.Uint64(raw)))
	case "bool":
		want = fmt.Sprint(raw[0] != 0)
	default:
		return
	}
	if got := fmt.Sprint(n.Value); got != want {
		c.t.Errorf("%s.%s at %d is %s, not %s", path, f.Name, n.Offset, got, want)
	}
}
