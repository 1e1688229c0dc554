package cmdline

// Compat is -compat: what QMP does with deprecated and unstable things. Empty stands for accept.
type Compat struct {
	DeprecatedInput, UnstableInput   string // accept, reject or crash
	DeprecatedOutput, UnstableOutput string // accept or hide
}

// compatOption is -compat. Later uses add to earlier ones.
func compatOption(r *run, value string) error {
	t, err := parseStructured(value, "")
	if err != nil {
		return err
	}
	c := &r.cfg.Compat
	for _, f := range []struct {
		name   string
		field  *string
		values []string
	}{
		{"deprecated-input", &c.DeprecatedInput, []string{"accept", "reject", "crash"}},
		{"deprecated-output", &c.DeprecatedOutput, []string{"accept", "hide"}},
		{"unstable-input", &c.UnstableInput, []string{"accept", "reject", "crash"}},
		{"unstable-output", &c.UnstableOutput, []string{"accept", "hide"}},
	} {
		if policy, ok := t.enum(f.name, f.values...); ok {
			*f.field = policy
		}
	}
	return t.finish()
}
