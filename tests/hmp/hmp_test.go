package hmp

import (
	"flag"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

var rewrite = flag.Bool("rewrite", false, "write what the emulators print into the scripts")

// TestConversations plays every script with both, and compares.
func TestConversations(t *testing.T) {
	qemu, ours := emulator.NeedQEMU(t, "10.0"), emulator.NeedServer(t)
	paths, err := filepath.Glob("testdata/*.txt")
	emulator.Must(t, err)
	if len(paths) == 0 {
		t.Fatal("no scripts")
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			s := readScript(t, path)
			there, here := start(t, qemu, s.args...), start(t, ours, s.args...)
			for i := range s.items {
				it := &s.items[i]
				if it.comment != "" {
					continue
				}
				printed, mine := mask(t, there.run(it.typed)), mask(t, here.run(it.typed))
				if *rewrite {
					it.qemu, it.ours = printed, mine
				}
				if printed != it.qemu {
					t.Errorf("QEMU prints for %s\n%s\nnot\n%s", it.typed, printed, it.qemu)
				}
				// A difference that is gone is no failure.
				if mine != it.ours && mine != it.qemu {
					t.Errorf("ours prints for %s\n%s\nnot\n%s", it.typed, mine, it.ours)
				}
			}
			if *rewrite {
				s.write(t, path)
			}
		})
	}
}

// mask makes the line ends those of files, and takes out what no two processes have in common.
func mask(t *testing.T, output string) string {
	if strings.Count(output, "\n") != strings.Count(output, "\r\n") || strings.Contains(output, "\r\r") {
		t.Errorf("line ends: %q", output)
	}
	output = strings.ReplaceAll(output, "\r\n", "\n")
	for _, m := range []struct{ what, with string }{
		{`thread_id=\d+`, "thread_id=N"},
		{`0x0000[0-9a-f]{12}  r`, "HVA  r"},
		{`Start Time: [1-9]\d* `, "Start Time: N "},
		{`^10\.\d+\.\d+\S.*\n`, "10.x\n"},
	} {
		output = regexp.MustCompile(m.what).ReplaceAllString(output, m.with)
	}
	return output
}
