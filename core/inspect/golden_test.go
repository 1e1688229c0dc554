package inspect

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (-update writes it anew):\n%s", name, got)
	}
}

// The two forms of a report, as people and tools get them.
func TestForms(t *testing.T) {
	data := small(t)
	r, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	accounted(t, "small", r, data)
	var text, line, indented bytes.Buffer
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	golden(t, "small.txt", text.Bytes())
	if err := r.WriteJSON(&line, nil); err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(line.Bytes(), []byte("\n")); n != 1 {
		t.Errorf("JSON has %d lines", n)
	}
	if err := json.Indent(&indented, line.Bytes(), "", " "); err != nil {
		t.Fatal(err)
	}
	golden(t, "small.json", indented.Bytes())
}

// A bad stream is reported as far as it goes, with the error.
func TestFormsOfBadStream(t *testing.T) {
	data := small(t)
	r, err := Read(bytes.NewReader(data[:5000]))
	var line bytes.Buffer
	if err := r.WriteJSON(&line, err); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Size     int64
		Elements []struct{ Kind string }
		Error    struct {
			Message, Section string
			Offset           int64
		}
	}
	if err := json.Unmarshal(line.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Size == 0 || len(got.Elements) < 5 || got.Error.Section == "" || got.Error.Offset == 0 || got.Error.Message != err.Error() {
		t.Errorf("%s", line.Bytes())
	}
	line.Reset()
	if err := new(Report).WriteJSON(&line, errors.New("other")); err != nil || line.String() != `{"size":0,"elements":[],"error":{"message":"other"}}`+"\n" {
		t.Errorf("%s", line.Bytes())
	}
}

// Every capture has a form of both kinds, and numbers survive it.
func TestFormsOfCaptures(t *testing.T) {
	for _, file := range []string{"q35-many-10.0.gz", "pc-postcopy-7.2.gz"} {
		r, err := Read(bytes.NewReader(capture(t, file)))
		if err != nil {
			t.Fatal(err)
		}
		var text, line bytes.Buffer
		if err := r.WriteText(&text); err != nil || text.Len() == 0 {
			t.Error(err)
		}
		if err := r.WriteJSON(&line, nil); err != nil || !json.Valid(line.Bytes()) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
