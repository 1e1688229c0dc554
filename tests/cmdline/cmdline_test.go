// Package cmdline compares how qmpmigrate and a real QEMU 10.0 take their command line: both are run to their
// end with the same arguments, and must say the same and end with the same status.
package cmdline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// nowhere ends a process that had nothing against its other options: it comes last in a start.
const nowhere = " -incoming unix:/nonexistent/x"

// row is a command line. DIR stands for a folder with an empty file called disk.
type row struct {
	line string
	// ours is what ours says where it differs for good reason, see why.
	ours, why string
	// noKVM is what QEMU says on a host without KVM. Ours has none, and on a host that has it QEMU is not asked.
	noKVM string
}

func TestSameAsQEMU(t *testing.T) {
	qemu, server := emulator.NeedQEMU(t, "10.0"), emulator.NeedServer(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "disk"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := os.Stat("/dev/kvm")
	hasKVM := !errors.Is(err, os.ErrNotExist) // of whatever use it is
	for _, group := range [][]row{identity(), sizes(), topologies(), machines(), accelerators(), disks(), lifeCycle()} {
		for _, r := range group {
			args := strings.Fields(strings.ReplaceAll(r.line, "DIR", dir))
			// Fields drops what an empty argument was written as.
			for i, a := range args {
				args[i] = strings.Trim(a, "'")
			}
			want := r.noKVM
			if want == "" || !hasKVM {
				want = said(t, qemu, dir, args)
			}
			if r.noKVM != "" && want != r.noKVM {
				t.Errorf("%s\nQEMU: %s\nit was: %s", r.line, want, r.noKVM)
			}
			if r.ours != "" {
				if want == r.ours {
					t.Errorf("%s: no difference any more", r.line)
				}
				want = r.ours
			}
			if got := said(t, server, dir, args); got != want {
				t.Errorf("%s\nours: %s\nwant: %s", r.line, got, want)
			}
		}
	}
}

// said is all that a program printed and its exit status, in terms that do not depend on where it is.
func said(t *testing.T, p emulator.Program, dir string, args []string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	exit, err := emulator.Run(ctx, p, dir, append([]string{"-display", "none", "-nodefaults"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(p.Path)
	var lines []string
	for line := range strings.Lines(exit.Output) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			line = "PROG:" + rest
		}
		lines = append(lines, strings.ReplaceAll(line, dir, "DIR"))
	}
	return strings.Join(append(lines, exit.Process), "\n")
}
