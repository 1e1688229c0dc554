package cmdline

import "strings"

// displayOption is -display. Nothing here draws; the kind is checked and kept.
func displayOption(r *run, value string) error {
	if first, _, _ := strings.Cut(value, ","); isHelp(first) {
		return &Exit{Text: "Available display backend types:\nnone\n"}
	}
	if strings.HasPrefix(value, "vnc=") {
		r.cfg.Display = "vnc"
		return nil
	}
	t, err := parseStructured(value, "type")
	if err != nil {
		return err
	}
	t.need("type")
	kind, _ := t.enum("type",
		"default", "none", "gtk", "sdl", "egl-headless", "curses", "cocoa", "spice-app", "dbus")
	if *t.err != nil {
		return *t.err
	}
	r.cfg.Display = kind
	return nil
}

func nographic(r *run, _ string) error {
	r.cfg.Display = "none"
	return nil
}
