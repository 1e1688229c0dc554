package cmdline

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
		if failed {
			warnings = append(warnings, Warning{Text: "falling back to " + a.Name})
		}
		c.Accel = a.Name
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
