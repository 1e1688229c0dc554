package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// streamFile unpacks a captured stream into a file.
func streamFile(t *testing.T, cut int) (path string, data []byte) {
	t.Helper()
	packed, err := os.Open("../../core/inspect/testdata/pc-minimal-10.0.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	data = data[:len(data)-cut]
	path = filepath.Join(t.TempDir(), "stream")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, data
}

func TestInspectText(t *testing.T) {
	path, _ := streamFile(t, 0)
	var out, errs bytes.Buffer
	if status := inspectMain([]string{path}, &out, &errs); status != 0 || errs.Len() > 0 {
		t.Fatalf("status %d, %s", status, &errs)
	}
	for _, want := range []string{"machine pc-i440fx-10.0\n", `"pc.ram", 0x1000000 bytes`, `"globalstate" instance 0`, "env.eip: uint64 = 0xfff0\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not shown", want)
		}
	}
}

// Nothing but the object is on the standard output, from a file and from a pipe.
func TestInspectJSON(t *testing.T) {
	path, data := streamFile(t, 0)
	var file, pipe, errs bytes.Buffer
	if status := inspectMain([]string{"--json", path}, &file, &errs); status != 0 {
		t.Fatalf("status %d, %s", status, &errs)
	}
	if status := inspectFrom([]string{"-", "--json"}, bytes.NewReader(data), &pipe, &errs); status != 0 {
		t.Fatalf("status %d, %s", status, &errs)
	}
	if !bytes.Equal(file.Bytes(), pipe.Bytes()) || errs.Len() > 0 {
		t.Error("file and pipe differ")
	}
	var got struct {
		Size          int
		Configuration struct{ Machine string }
		Description   struct{ Devices int }
	}
	if err := json.Unmarshal(file.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Size != len(data) || got.Configuration.Machine != "pc-i440fx-10.0" || got.Description.Devices != 30 {
		t.Errorf("%+v", got)
	}
}

func TestInspectBadStream(t *testing.T) {
	path, _ := streamFile(t, 110_000)
	for _, form := range []string{"--", "--json"} {
		args := []string{form, path}
		var out, errs bytes.Buffer
		if status := inspectMain(args, &out, &errs); status != 1 {
			t.Errorf("%v: status %d", args, status)
		}
		if !strings.HasPrefix(errs.String(), "qmpmigrate inspect: ") || !strings.Contains(errs.String(), "at offset 0x") ||
			strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("%v: %s", args, &errs)
		}
		if !strings.Contains(out.String(), "pc-i440fx-10.0") {
			t.Errorf("%v: what was read is not shown", args)
		}
	}
}

func TestInspectUsage(t *testing.T) {
	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"", 2, "no file\nusage: "},
		{"--json", 2, "no file"},
		{"a b", 2, "more than one file"},
		{"--xml a", 2, "unknown option --xml"},
		{"-x", 2, "unknown option -x"},
		{"/does/not/exist", 1, "no such file"},
		{"-- -x", 1, "open -x: no such file"},
	} {
		var out, errs bytes.Buffer
		status := inspectMain(strings.Fields(test.args), &out, &errs)
		if status != test.status || !strings.Contains(errs.String(), test.want) || out.Len() > 0 {
			t.Errorf("%q: status %d, %q, output %q", test.args, status, &errs, &out)
		}
	}
	var out, errs bytes.Buffer
	if status := inspectMain([]string{"--help"}, &out, &errs); status != 0 || out.String() != inspectUsage || errs.Len() > 0 {
		t.Errorf("help: %d, %q, %q", status, &out, &errs)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk is full") }

func TestInspectOutputFails(t *testing.T) {
	path, _ := streamFile(t, 0)
	for _, args := range [][]string{{path}, {path, "--json"}} {
		var errs bytes.Buffer
		if status := inspectMain(args, full{}, &errs); status != 1 || !strings.Contains(errs.String(), "disk is full") {
			t.Errorf("status %d, %s", status, &errs)
		}
	}
}
