package cmdline

import (
	"errors"
	"testing"
)

func TestChooseAccel(t *testing.T) {
	const kvmFails = "PROG: -accel kvm: Could not access KVM kernel module: No such file or directory\n" +
		"PROG: -accel kvm: failed to initialize kvm: No such file or directory\n"
	const uffdFails = "PROG: -accel uffd: failed to initialize uffd: it is closed\n"
	for line, want := range map[string]struct{ name, said string }{
		"":                                  {"tcg", ""},
		"-accel qtest":                      {"qtest", ""},
		"-accel tcg -accel kvm":             {"tcg", ""},
		"-accel kvm":                        {"", kvmFails},
		"-accel kvm -accel tcg":             {"tcg", kvmFails + "PROG: falling back to tcg\n"},
		"-accel bogus -accel tcg":           {"tcg", "PROG: -accel bogus: invalid accelerator bogus\nPROG: falling back to tcg\n"},
		"-accel soft":                       {"soft", ""},
		"-accel uffd":                       {"", uffdFails},
		"-accel uffd -accel soft":           {"soft", uffdFails + "PROG: falling back to soft\n"},
		"-machine accel=uffd:tcg":           {"tcg", "PROG: failed to initialize uffd: it is closed\nPROG: falling back to tcg\n"},
		"-accel kvm -accel uffd -accel tcg": {"tcg", kvmFails + uffdFails + "PROG: falling back to tcg\n"},
		"-machine accel=bogus:tcg":          {"tcg", "PROG: invalid accelerator bogus\nPROG: falling back to tcg\n"},
	} {
		cfg, warnings, err := Parse("PROG", words(line))
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		name, more, err := cfg.ChooseAccel(func() error { return errors.New("it is closed") })
		var said string
		for _, w := range append(warnings, more...) {
			said += w.Render("PROG")
		}
		if failure, ok := errors.AsType[*Error](err); ok {
			said += failure.Render("PROG")
		}
		if name != want.name || said != want.said || (err != nil) != (name == "") {
			t.Errorf("%s: %q, said\n%s", line, name, said)
		}
	}
}

func TestChooseDirtyRing(t *testing.T) {
	const soft = "PROG: -accel soft,dirty-ring-size=131072: dirty ring size 131072 too big (maximum is 65536).  Please use a smaller value.\n"
	for line, want := range map[string]struct {
		ring uint64
		said string
	}{
		"-accel soft":                         {0, ""},
		"-accel soft,dirty-ring-size=0":       {0, ""},
		"-accel soft,dirty-ring-size=4096":    {4096, ""},
		"-accel uffd,dirty-ring-size=0x10000": {65536, ""},
		"-accel soft,dirty-ring-size=131072":  {0, soft},
		"-accel soft,dirty-ring-size=1000":    {0, "PROG: -accel soft,dirty-ring-size=1000: dirty-ring-size must be a power of two.\n"},
		"-accel tcg,dirty-ring-size=4096":     {0, "PROG: -accel tcg,dirty-ring-size=4096: Property 'tcg-accel.dirty-ring-size' not found\n"},
		"-accel qtest,dirty-ring-size=4096":   {0, "PROG: -accel qtest,dirty-ring-size=4096: Property 'qtest-accel.dirty-ring-size' not found\n"},
		"-accel kvm,dirty-ring-size=4096 -accel soft": {0, "PROG: -accel kvm,dirty-ring-size=4096: Could not access KVM kernel module: No such file or directory\n" +
			"PROG: -accel kvm,dirty-ring-size=4096: failed to initialize kvm: No such file or directory\nPROG: falling back to soft\n"},
	} {
		cfg, warnings, err := Parse("PROG", words(line))
		if err == nil {
			var more []Warning
			_, more, err = cfg.ChooseAccel(func() error { return nil })
			warnings = append(warnings, more...)
		}
		var said string
		for _, w := range warnings {
			said += w.Render("PROG")
		}
		if failure, ok := errors.AsType[*Error](err); ok {
			said += failure.Render("PROG")
		}
		if said != want.said || err == nil && cfg.DirtyRing != want.ring {
			t.Errorf("%s: said\n%s", line, said)
		}
	}
}

func TestChooseUffd(t *testing.T) {
	for _, line := range []string{"-accel uffd", "-machine accel=uffd:soft", "-accel uffd -accel tcg"} {
		cfg, _, err := Parse("PROG", words(line))
		if err != nil {
			t.Fatal(err)
		}
		if name, warnings, err := cfg.ChooseAccel(func() error { return nil }); name != AccelUffd || len(warnings) != 0 || err != nil {
			t.Errorf("%s: %q, %v, %v", line, name, warnings, err)
		}
	}
}
