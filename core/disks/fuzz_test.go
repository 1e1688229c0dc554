package disks

import (
	"strings"
	"testing"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/blocktest"
)

// FuzzIO: whatever somebody types, nothing but a disk's own bytes is written, and what is wrong is told.
func FuzzIO(f *testing.F) {
	for _, seed := range []string{
		"write -P 7 1k 513", "read -qvP7 -s 1 -l 512 1024 514", "write -zq 1024 1M", "aio_write -i 0 1", "aio_read -P 1 -q 0 1 2 512", "read -P", "r 0 0",
		"write -z 9223372036854775807 9223372036854775807", "read -s 9223372036854775807 -l 9223372036854775807 -P 0 0 1", "length", "w - 1", "aio_flush",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, command string) {
		s := New(&block.Graph{}, func(string) {})
		defer s.Graph().Close()
		disk := blocktest.NewMemory(128<<10 + 100)
		if err := s.Graph().AddNode(disk.Node("n")); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := s.IO("n", false, command, &out); err != nil {
			t.Errorf("%q: %v", command, err)
		}
		text := out.String()
		wrote := false
		for _, b := range disk.Bytes() {
			wrote = wrote || b != 0
		}
		name, _, _ := strings.Cut(strings.TrimSpace(command), " ")
		if wrote && (strings.Contains(text, "failed") || strings.HasPrefix(name, "r") || strings.HasPrefix(name, "aio_r")) {
			t.Errorf("%q has written, and says %q", command, text)
		}
		if text != "" && !strings.HasSuffix(text, "\n") {
			t.Errorf("%q says %q", command, text)
		}
	})
}
