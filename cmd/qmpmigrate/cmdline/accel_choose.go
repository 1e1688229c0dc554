package cmdline

import (
	"fmt"

	"qmpmigrate/qapi/scalar"
)

// mostDirtyRing is how many pages a dirty ring takes at most, as on Linux.
const mostDirtyRing = 65536

// dirtyRing is how many pages a vCPU's dirty ring takes, 0 for none.
func (a *Accel) dirtyRing() uint64 {
	value, _ := a.Props.Get(dirtyRingSize)
	text, _ := value.(string)
	n, _ := scalar.Uint(text) // it was checked; without one it is 0
	return n
}

// ChooseAccel picks the first accelerator that works, and keeps its name in Accel. Nothing here runs guests on KVM, so that kvm fails as it does on
// a host that has none. uffd works where probe finds nothing missing; the built-in guest does not care about any other.
func (c *Config) ChooseAccel(probe func() error) (name string, warnings []Warning, err error) {
	const (
		noModule = "Could not access KVM kernel module: No such file or directory"
		noKVM    = "failed to initialize kvm: No such file or directory"
	)
	failed := c.accelRefused
	for _, a := range c.Accels {
		if a.Name == "kvm" {
			failed = true
			warnings = append(warnings, Warning{Origin: a.Where, Text: noModule}, Warning{Origin: a.Where, Text: noKVM})
			continue
		}
		if a.Name == AccelUffd {
			if err := probe(); err != nil {
				failed = true
				warnings = append(warnings, Warning{Origin: a.Where, Text: "failed to initialize uffd: " + err.Error()})
				continue
			}
		}
		if n := a.dirtyRing(); n > mostDirtyRing {
			failed = true
			warnings = append(warnings, Warning{Origin: a.Where,
				Text: fmt.Sprintf("dirty ring size %d too big (maximum is %d).  Please use a smaller value.", n, mostDirtyRing)})
			continue
		}
		if failed {
			warnings = append(warnings, Warning{Text: "falling back to " + a.Name})
		}
		c.Accel, c.DirtyRing = a.Name, a.dirtyRing()
		return a.Name, warnings, nil
	}
	if len(warnings) == 0 {
		c.Accel = "tcg"
		return c.Accel, nil, nil
	}
	// What was said last is what the process ends with.
	last := warnings[len(warnings)-1]
	return "", warnings[:len(warnings)-1], last.Origin.Errorf("%s", last.Text)
}
