package inspect

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"testing/iotest"
)

// capture reads a stream of a real QEMU.
func capture(t testing.TB, name string) []byte {
	t.Helper()
	packed, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestCaptures(t *testing.T) {
	for _, test := range []struct {
		file, machine string
		devices       int
		commands      int
		blocks        []string
		described     bool
	}{
		{"pc-minimal-7.2.gz", "pc-i440fx-7.2", 30, 0, bare("pc.ram"), true},
		{"pc-minimal-10.0.gz", "pc-i440fx-10.0", 30, 1, bare("pc.ram"), true},
		{"pc-shared-10.0.gz", "pc-i440fx-10.0", 30, 1, bare("m0"), true},
		{"pc-devices-7.2.gz", "pc-i440fx-7.2", 40, 0, nil, true},
		{"q35-devices-10.0.gz", "pc-q35-10.0", 43, 1, nil, true},
		{"q35-many-10.0.gz", "pc-q35-10.0", 56, 1, nil, true},
		{"pc-returnpath-10.0.gz", "pc-i440fx-10.0", 30, 4, bare("pc.ram"), true},
		{"pc-postcopy-7.2.gz", "pc-i440fx-7.2", 0, 12, bare("pc.ram"), false},
	} {
		data := capture(t, test.file)
		r, err := Read(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", test.file, err)
			continue
		}
		accounted(t, test.file, r, data)
		if r.Configuration.Machine != test.machine {
			t.Errorf("%s: machine %q", test.file, r.Configuration.Machine)
		}
		devices, commands := 0, 0
		for _, e := range r.Elements {
			switch {
			case e.Device != nil:
				devices++
			case e.Kind == KindFull:
				t.Errorf("%s: %s without fields", test.file, e.Section.Name)
			case e.Kind == KindCommand:
				commands++
			}
		}
		if devices != test.devices || commands != test.commands || (r.Description != nil) != test.described {
			t.Errorf("%s: %d devices, %d commands, %+v", test.file, devices, commands, r.Description)
		}
		var names []string
		for _, b := range r.RAM.Blocks {
			names = append(names, b.Name)
		}
		if test.blocks != nil && !slices.Equal(names, test.blocks) {
			t.Errorf("%s: blocks %q", test.file, names)
		}
	}
}

// bare is the list of blocks of a machine without devices.
func bare(ram string) []string {
	return []string{ram, "/rom@etc/acpi/tables", "pc.bios", "pc.rom", "/rom@etc/table-loader", "/rom@etc/acpi/rsdp"}
}

// accounted checks that the elements cover the stream without gaps, and that
// counts of pages agree with each other and with the bytes that they take.
func accounted(t *testing.T, name string, r *Report, data []byte) {
	t.Helper()
	if r.Size != int64(len(data)) {
		t.Errorf("%s: size %d of %d", name, r.Size, len(data))
	}
	var total Pages
	end := contiguous(t, name, r.Elements, 0, &total)
	if end != r.Size {
		t.Errorf("%s: elements end at %d, the stream at %d", name, end, r.Size)
	}
	if r.RAM == nil {
		return
	}
	var sum Pages
	size := uint64(0)
	for i := range r.RAM.Blocks {
		p := r.RAM.Blocks[i].Pages()
		sum.add(&p)
		size += r.RAM.Blocks[i].Used
	}
	if sum != total || sum != r.RAM.Pages || size != r.RAM.Total {
		t.Errorf("%s: pages of blocks %v, of sections %v, of all %v", name, sum, total, r.RAM.Pages)
	}
}

func contiguous(t *testing.T, name string, elements []Element, at int64, pages *Pages) int64 {
	t.Helper()
	for i := range elements {
		e := &elements[i]
		if e.Offset != at || e.Length < 0 || e.Length == 0 && e.Kind != KindPackage {
			t.Fatalf("%s: %s at %d, length %d; the one before ends at %d", name, e.Kind, e.Offset, e.Length, at)
		}
		if e.Section != nil && (e.BodyOffset <= at || e.Parts < 2 && e.BodyOffset+e.BodyLength+5 != at+e.Length) {
			t.Fatalf("%s: body of %s at %d, length %d", name, e.Section.Name, e.BodyOffset, e.BodyLength)
		}
		if e.Kind == KindPackage && contiguous(t, name, e.Package, at, pages) != at+e.Length {
			t.Fatalf("%s: package with gaps", name)
		}
		at += e.Length
		pages.add(&e.Pages)
	}
	return at
}

// What QEMU itself counted while it sent this stream: query-migrate said
// duplicate 4177 and normal 49.
func TestCapturePages(t *testing.T) {
	r, err := Read(bytes.NewReader(capture(t, "pc-minimal-7.2.gz")))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Pages{Normal: 49, Zero: 4177}); r.RAM.Pages != want {
		t.Errorf("%v", r.RAM.Pages)
	}
	all := uint64(0)
	for _, b := range r.RAM.Blocks {
		p := b.Pages()
		all += p.All()
		if p.All() != b.Used/4096 {
			t.Errorf("%s: %v of %d bytes", b.Name, p, b.Used)
		}
	}
	if all != r.RAM.Total/4096 {
		t.Errorf("%d pages", all)
	}
}

func TestCaptureSharedMemory(t *testing.T) {
	r, err := Read(bytes.NewReader(capture(t, "pc-shared-10.0.gz")))
	if err != nil {
		t.Fatal(err)
	}
	want := &Configuration{
		Machine: "pc-i440fx-10.0", Capabilities: []string{"x-ignore-shared"},
		UUID: []byte("\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x00"),
	}
	if !reflect.DeepEqual(r.Configuration, want) {
		t.Errorf("%+v", r.Configuration)
	}
	for i, gpa := range map[int]uint64{0: 0, 2: 0xfffc0000, 3: 0xc0000} {
		if b := r.RAM.Blocks[i]; !b.HasGPA || b.GPA != gpa {
			t.Errorf("%+v", b)
		}
	}
	if p := r.RAM.Blocks[0].Pages(); p.All() != 0 {
		t.Errorf("shared memory has %v", p)
	}
}

func TestCaptureByteByByte(t *testing.T) {
	data := capture(t, "pc-postcopy-7.2.gz")
	want, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(iotest.OneByteReader(bytes.NewReader(data)))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("another report: %v", err)
	}
}
