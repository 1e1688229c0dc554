// Package chardev holds the character devices of the server against those of
// real QEMU.
package chardev

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// bare are the arguments of the smallest machine that each program has.
func bare(p emulator.Program) []string {
	if p.QEMU {
		return []string{"-accel", "tcg", "-nodefaults", "-display", "none", "-machine", "none"}
	}
	return []string{"-machine", "memtest,workload=idle", "-m", "16"}
}

// both are the yardstick and what is measured.
func both(t *testing.T) [2]emulator.Program {
	return [2]emulator.Program{emulator.NeedQEMU(t, "10.0"), emulator.NeedServer(t)}
}

// complaint is what p says about args, with PROG for its name.
func complaint(t *testing.T, ctx context.Context, p emulator.Program, dir string, args []string) string {
	t.Helper()
	exit, err := emulator.Run(ctx, p, dir, append(bare(p), args...)...)
	if err != nil {
		t.Errorf("%s %q: %v", p, args, err)
		return ""
	}
	if exit.Status != 1 {
		t.Errorf("%s %q: %s\n%s", p, args, exit.Process, exit.Output)
	}
	return strings.ReplaceAll(exit.Output, filepath.Base(p.Path)+":", "PROG:")
}
