package machinetype

// Compat is a property of the migration that an old type sets to an old value.
type Compat struct{ Property, Value string }

// Compats are those of the type, newest first.
func (t Type) Compats() []Compat {
	v, ok := t.version()
	if !ok {
		return nil
	}
	var list []Compat
	for _, c := range []struct {
		major, minor int // the first version that does without
		Compat
	}{
		{10, 0, Compat{"multifd-clean-tls-termination", "false"}},
		{10, 0, Compat{"send-switchover-start", "off"}},
		{9, 0, Compat{"zero-page-detection", "legacy"}},
		{8, 1, Compat{"multifd-flush-after-each-section", "on"}},
		{8, 0, Compat{"x-preempt-pre-7-2", "true"}},
	} {
		if !v.atLeast(c.major, c.minor) {
			list = append(list, c.Compat)
		}
	}
	return list
}

func (t Type) version() (version, bool) {
	for _, v := range append(versions(), version{4, 0, 1}) {
		if t.PC && (t.Name == "pc-i440fx-"+v.String() || t.Name == "pc-q35-"+v.String()) {
			return v, true
		}
	}
	return version{}, false
}
