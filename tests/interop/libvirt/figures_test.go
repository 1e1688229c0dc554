package libvirt_test

import (
	"fmt"
	"strconv"
	"strings"
)

// figures holds what domjobinfo tells of a migration that goes on against what can be so.
func figures(s *scene) error {
	return s.poll(func() error {
		text, err := s.virsh(s.here, "domjobinfo", "--rawstats", domain)
		if err != nil {
			return err
		}
		values := map[string]int64{}
		for line := range strings.Lines(text) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			if n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil {
				values[name] = n
			}
		}
		total, left, sent := values["memory_total"], values["memory_remaining"], values["memory_processed"]
		switch {
		case total < 128<<20 || total > 160<<20:
			return fmt.Errorf("a domain of 128 MiB has %d bytes: %s", total, text)
		case left <= 0 || left > total:
			return fmt.Errorf("%d bytes of %d remain: %s", left, total, text)
		case sent <= 0 || sent > total:
			return fmt.Errorf("%d bytes of %d were sent: %s", sent, total, text)
		case values["time_elapsed"] <= 0:
			return fmt.Errorf("it took no time: %s", text)
		}
		return nil
	})
}
