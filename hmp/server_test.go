package hmp

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"qmpmigrate/qapi"
)

// nothing has no commands; only what needs none can be called.
type nothing struct{ Commands }

func TestRun(t *testing.T) {
	s := New(Config{Version: qapi.VersionInfo{QEMU: qapi.VersionTriple{Major: 10}, Package: "x"}, Commands: nothing{}})
	defer s.Close(t.Context())
	for line, want := range map[string]string{
		"":                  "",
		"info version":      "10.0.0x\r\n",
		"p/x 5 + 0x10 * 2":  "0x25\r\n",
		"bogus":             "unknown command: 'bogus'\r\n",
		"migrate -x":        "migrate: unsupported option -x\r\nTry \"help migrate\" for more information\r\n",
		"help info migrate": "info migrate  -- show migration status\r\n",
		"info history":      "",
	} {
		if got := s.Run(t.Context(), line, 0); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// A machine goes with its disks where QEMUs up to 9.0 had it go so.
func TestMigrateDisks(t *testing.T) {
	var asked []string
	s := New(Config{Commands: &fake{}, MigrateDisks: func(_ context.Context, args *qapi.MigrateArgs, incremental bool) error {
		asked = append(asked, fmt.Sprint(*args.URI, incremental))
		return nil
	}})
	defer s.Close(t.Context())
	for _, line := range []string{"migrate -d -b one", "migrate -d -i two", "migrate -d three"} {
		if got := s.Run(t.Context(), line, 0); got != "" {
			t.Errorf("%s: %s", line, got)
		}
	}
	if got := strings.Join(asked, " "); got != "onefalse twotrue" {
		t.Errorf("asked: %s", got)
	}
}
