package emulator

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTailKeepsTheEnd(t *testing.T) {
	text := newTail()
	for range 3 {
		text.Write(bytes.Repeat([]byte("a"), tailSize/2))
	}
	text.Write([]byte("end\n"))
	if s := text.String(); len(s) != tailSize-1 || !strings.HasSuffix(s, "aend") {
		t.Errorf("kept %d bytes", len(s))
	}
}

func TestSamePages(t *testing.T) {
	a := bytes.Repeat([]byte("0123456789abcdef"), 3*pageSize/16)
	if err := samePages(bytes.NewReader(a), bytes.NewReader(a), int64(len(a)), nil); err != nil {
		t.Error(err)
	}
	b := bytes.Clone(a)
	b[pageSize+7]++
	b[2*pageSize]++
	err := samePages(bytes.NewReader(a), bytes.NewReader(b), int64(len(a)), nil)
	if err == nil || err.Error() != "memory differs in 2 pages, first at 0x1007" {
		t.Errorf("error is %v", err)
	}
	if err := samePages(bytes.NewReader(a), bytes.NewReader(a[:5000]), int64(len(a)), nil); err == nil {
		t.Error("short memory is the same")
	}
}

func TestParseUsage(t *testing.T) {
	// A command with blanks and brackets, as processes may have.
	line := []byte("12 (a) b c) S 1 2 3 4 5 6 7 8 9 10 150 25 0 0 20 0 3 0 100 1000 200")
	if d, err := parseCPUTime(line); err != nil || d != 1750*time.Millisecond {
		t.Errorf("%v, %v", d, err)
	}
	for _, bad := range []string{"", "12 (a) S 1", "12 (a) S 1 2 3 4 5 6 7 8 9 10 x y"} {
		if _, err := parseCPUTime([]byte(bad)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	status := []byte("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n")
	if n, err := parseStatusKiB(status, "VmRSS:"); err != nil || n != 1<<20 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := parseStatusKiB(status, "VmSwap:"); err == nil {
		t.Error("missing key was found")
	}
}

func program(t *testing.T, script string) Program {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	Must(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700))
	return Program{Name: "script", Path: path}
}

func TestRun(t *testing.T) {
	exit, err := Run(t.Context(), program(t, `echo "out $1"; echo err >&2; exit 3`), t.TempDir(), "arg")
	Must(t, err)
	if exit.Status != 3 || exit.Output != "out arg\nerr" || exit.MaxRSS == 0 {
		t.Errorf("%+v", exit)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Run(ctx, program(t, "sleep 100 & wait"), t.TempDir()); err == nil {
		t.Error("no end of what does not end")
	}
}

func TestStartFails(t *testing.T) {
	_, err := Start(t.Context(), program(t, "echo broken >&2; exit 1"), "test")
	if err == nil || !strings.Contains(err.Error(), "exit status 1") || !strings.Contains(err.Error(), "broken") {
		t.Errorf("error is %v", err)
	}
	if _, err := Start(t.Context(), Program{Path: "/nonexistent"}, "test"); err == nil {
		t.Error("started what does not exist")
	}
}
