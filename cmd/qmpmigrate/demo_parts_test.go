package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qmpmigrate/cmd/qmpmigrate/conduct"
)

// What a failure says when a process is gone: why, in its own words.
func TestMigrateComplains(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := newStage(testServer(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.clear()
	from, err := s.start("source", s.self, "-m", "32", "-machine", "memtest,workload=stress")
	if err != nil {
		t.Fatal(err)
	}
	// It listens already, and then nobody can ask it to outlive a failure.
	to, err := s.start("destination", s.self, "-m", "16", "-machine", "memtest,workload=stress",
		"-incoming", "unix:"+s.path("m"))
	if err != nil {
		t.Fatal(err)
	}
	if err := meet(t.Context(), from, to); err != nil {
		t.Fatal(err)
	}
	_, err = migrate(t.Context(), newScreen(new(bytes.Buffer)), from, to, conduct.Options{})
	if err == nil {
		t.Fatal("no error")
	}
	// The destination tells it as its last reply, or on standard error as it ends.
	for _, part := range []string{"the migration failed: source: ", "destination: ", "Size mismatch: memtest.ram"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in the error %v", part, err)
		}
	}
}

func samples() []conduct.Progress {
	return []conduct.Progress{
		{Status: "setup"},
		{Status: "active", Elapsed: 900 * time.Millisecond, Total: 512 << 20, Remaining: 500 << 20, Mbps: 800, Passes: 1},
		{Status: "active", Elapsed: 1010 * time.Millisecond, Total: 512 << 20, Remaining: 256 << 20, Mbps: 2147.483648, Passes: 1},
		{Status: "active", Elapsed: 1900 * time.Millisecond, Total: 512 << 20, Remaining: 20 << 20, Mbps: 2147.483648, Passes: 2},
		{Status: "active", Elapsed: 2000 * time.Millisecond, Total: 512 << 20, Remaining: 5 << 20, Mbps: 2147.483648, Passes: 12},
		{Status: "completed", Elapsed: 3100 * time.Millisecond, Total: 512 << 20, Passes: 13},
	}
}

func TestProgressLines(t *testing.T) {
	var out bytes.Buffer
	view := newScreen(&out).progress(time.Second, nil)
	for _, p := range samples() {
		view.show(p)
	}
	view.end()
	const want = "   pass 1        50 % there   256 MiB/s   256 MiB left\n" +
		"   pass 12       99 % there   256 MiB/s     5 MiB left\n"
	if out.String() != want {
		t.Errorf("shown was\n%s", out.String())
	}
}

// The bar stands in the column of the rows, and is gone at the end.
func TestProgressBar(t *testing.T) {
	var out drawing
	view := (&screen{out: &out, terminal: true}).progress(time.Second, nil)
	for _, p := range samples()[:3] {
		view.show(p)
	}
	want := "   pass 1       " + strings.Repeat("█", barWidth/2) + strings.Repeat("░", barWidth/2) + "  50 %   256 MiB/s   256 MiB left"
	eventually(t, want, func() bool { return strings.Contains(out.String(), want) }) // it draws by itself
	view.end()
	if !strings.HasSuffix(out.String(), "\x1b[J") {
		t.Errorf("what was drawn is not cleared: %q", out.String())
	}
}

func TestScreen(t *testing.T) {
	var out bytes.Buffer
	s := newScreen(&out)
	s.heading("One")
	s.row("label", "%d of %s", 3, "many")
	s.note("End")
	if want := "One\n\n   label        3 of many\n\nEnd\n"; out.String() != want {
		t.Errorf("shown was %q", out.String())
	}
	for want, d := range map[string]time.Duration{"0 ms": 0, "999 ms": 999 * time.Millisecond, "1.0 s": time.Second, "12.3 s": 12345 * time.Millisecond} {
		if got := span(d); got != want {
			t.Errorf("%v is %s", d, got)
		}
	}
	if mebibytes(int64(3<<20-1)) != "3 MiB" || mebibytes(1.0) != "0 MiB" {
		t.Error("sizes are wrong")
	}
	if file, err := os.Open(os.DevNull); err != nil || isTerminal(file) {
		t.Errorf("%s is a terminal (%v)", os.DevNull, err)
	}
}

func TestStandstill(t *testing.T) {
	var s standstill
	if got := s.time(5 * time.Millisecond); got != 5*time.Millisecond {
		t.Errorf("without events it is %v", got)
	}
	at := time.Unix(1000, 0)
	s.see(conduct.Event{Name: "STOP", Time: at})
	s.see(conduct.Event{Name: "MIGRATION", Time: at.Add(time.Second)})
	s.see(conduct.Event{Name: "RESUME", Time: at.Add(7 * time.Millisecond)})
	if got := s.time(0); got != 7*time.Millisecond {
		t.Errorf("it is %v", got)
	}
}

func TestSameFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, size int, change int) string {
		data := bytes.Repeat([]byte{7}, size)
		if change >= 0 {
			data[change] = 8
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const size = 3<<20 + 4096
	one := file("one", size, -1)
	for name, tc := range map[string]struct {
		other, want string
	}{
		"equal":   {file("equal", size, -1), ""},
		"first":   {file("first", size, 0), "the page at 0x0 differs"},
		"last":    {file("last", size, size-1), "the page at 0x300000 differs"},
		"shorter": {file("shorter", size-1, -1), "one is longer than the other"},
		"longer":  {file("longer", size+1, -1), "one is longer than the other"},
		"missing": {filepath.Join(dir, "missing"), "no such file or directory"},
	} {
		err := sameFiles(one, tc.other)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTail(t *testing.T) {
	var out tail
	out.Write([]byte("first"))
	out.Write(bytes.Repeat([]byte("x"), tailSize))
	out.Write([]byte("last\n"))
	if got := out.String(); len(got) != tailSize-1 || !strings.HasSuffix(got, "xlast") {
		t.Errorf("kept are %d bytes", len(got))
	}
}
