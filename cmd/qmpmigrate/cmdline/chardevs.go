package cmdline

import "strings"

// maxFrontends is how many monitors and serial ports a character device with mux=on serves.
const maxFrontends = 4

// cutChardev takes the id off a device string that names an existing character device.
func cutChardev(text string) (id string, ok bool) { return strings.CutPrefix(text, "chardev:") }

// chardevOption is -chardev.
func chardevOption(r *run, value string) error {
	if first, _, _ := strings.Cut(value, ","); isHelp(first) {
		return backendHelp()
	}
	return r.opts("chardev", value)
}

// resolveChardevs builds all character devices of the chardev group.
func (r *run) resolveChardevs() error {
	for _, o := range r.group("chardev").entries {
		r.at = o.where
		if err := r.addChardev(o); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) addChardev(o *opts) error {
	c, err := buildChardev(o)
	if err != nil {
		return err
	}
	if c.Backend == "stdio" {
		if r.cfg.Daemonize {
			return fail("cannot use stdio with -daemonize")
		}
		for _, other := range r.cfg.Chardevs {
			if other.Backend == "stdio" {
				return fail("cannot use stdio by multiple character devices")
			}
		}
	}
	r.cfg.Chardevs = append(r.cfg.Chardevs, c)
	return nil
}

// chardev returns the character device with that id, or nil.
func (r *run) chardev(id string) *Chardev {
	for _, c := range r.cfg.Chardevs {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// attach counts the front ends of a character device: one, or a few with mux=on.
func (r *run) attach(c *Chardev) error {
	switch {
	case !c.Mux && r.frontends[c] > 0:
		return fail("chardev '%s' is already in use", c.ID)
	case r.frontends[c] == maxFrontends:
		return fail("too many uses of multiplexed chardev '%s' (maximum is %d)", c.ID, maxFrontends)
	}
	r.frontends[c]++
	return nil
}
