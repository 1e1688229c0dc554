package cmdline

// class says how much an option does here.
type class uint8

const (
	works      class = iota // does what QEMU's does
	remembered              // checked and kept for queries, no effect on the guest
	ignored                 // taken so that command lines written for QEMU work
)

// option is a row of the table of options.
type option struct {
	name  string // without dash
	arg   string // what the help text calls its argument; empty: it takes none
	class class
	help  string // one or two sentences
	parse func(r *run, value string) error
}

// section is a titled part of the table, as the help text shows it.
type section struct {
	title   string
	options []option
}

// table returns all options. A new one is a row in one of these.
func table() []section {
	return []section{
		machineOptions(),
		monitorOptions(),
		migrationOptions(),
		objectOptions(),
		processOptions(),
		diskOptions(),
		guestOptions(),
		ignoredOptions(),
	}
}

// The parse functions that many rows share.

// setFlag sets a switch of the Config.
func setFlag(field func(c *Config) *bool) func(*run, string) error {
	return func(r *run, _ string) error {
		*field(r.cfg) = true
		return nil
	}
}

// setText keeps an argument as it is; the last one counts.
func setText(field func(c *Config) *string) func(*run, string) error {
	return func(r *run, value string) error {
		*field(r.cfg) = value
		return nil
	}
}

// inGroup parses QemuOpts text into the group of that name; what it means is found out in finish.
func inGroup(name string) func(*run, string) error {
	return func(r *run, value string) error { return r.opts(name, value) }
}

// keep remembers an argument of any form.
func keep(name string) func(*run, string) error {
	return func(r *run, value string) error {
		r.cfg.Remembered = append(r.cfg.Remembered, Remembered{Option: name, Value: value, Where: r.at})
		return nil
	}
}

// keepOpts remembers an argument in QemuOpts form, with any keys.
func keepOpts(name, implied string) func(*run, string) error {
	return func(r *run, value string) error {
		g := group{spec: &spec{name: name, implied: implied}}
		entry, err := g.parse(value, r.at, r.warnFlag)
		if err != nil {
			return err
		}
		kept := Remembered{Option: name, Value: value, Props: entry.dict(), Where: r.at}
		r.cfg.Remembered = append(r.cfg.Remembered, kept)
		return nil
	}
}

// keepStructured remembers an argument in key=value or JSON form, with any members.
func keepStructured(name, implied string) func(*run, string) error {
	return func(r *run, value string) error {
		t, err := parseStructured(value, implied)
		if err != nil {
			return err
		}
		kept := Remembered{Option: name, Value: value, Props: t.dict, Where: r.at}
		r.cfg.Remembered = append(r.cfg.Remembered, kept)
		return nil
	}
}

// ignore takes an option and does nothing.
func ignore(*run, string) error { return nil }
