package cmdline

import (
	"fmt"
	"strings"
)

// Monitor is a QMP or HMP monitor on a character device.
type Monitor struct {
	ID      string // may be empty
	Chardev *Chardev
	Pretty  bool // QMP only: indented replies
	Where   Origin
}

func monSpec() *spec {
	return &spec{name: "mon", implied: "chardev", keys: []key{str("mode"), str("chardev"), boolean("pretty")}}
}

const (
	modeQMP = "control"
	modeHMP = "readline"
)

// compatMonitor is -qmp, -qmp-pretty and -monitor: a -chardev and a -mon in one.
func compatMonitor(mode string, pretty bool) func(r *run, value string) error {
	return func(r *run, value string) error {
		label, ref := cutChardev(value)
		if !ref {
			label = fmt.Sprintf("compat_monitor%d", r.compatMonitors)
			if err := r.compatChardev(label, value); err != nil {
				return err
			}
		}
		r.compatMonitors++
		mon, err := r.group("mon").entry(label, true, r.at)
		if err != nil {
			return err
		}
		mon.put("chardev", label)
		mon.put("mode", mode)
		if pretty {
			mon.put("pretty", "on")
		}
		return nil
	}
}

// compatChardev makes the character device of a device string. Its failure has a second line.
func (r *run) compatChardev(label, text string) error {
	entry, err := r.group("chardev").entry(label, true, r.at)
	if err == nil {
		err = parseDevice(entry, text)
	}
	if err != nil {
		return complain(err, "parse error: "+text)
	}
	return nil
}

// watchable tells whether somebody may come and go at the other end.
func (c *Chardev) watchable() bool {
	switch c.Backend {
	case "null", "ringbuf", "memory", "vc":
		return false
	}
	return true
}

// hmpMonitor is -monitor, which can also ask for no monitor at all.
func hmpMonitor(r *run, value string) error {
	if strings.HasPrefix(value, "none") { // QEMU looks no further
		return nil
	}
	return compatMonitor(modeHMP, false)(r, value)
}

// resolveMonitors turns the mon group into monitors, once all character devices are known.
func (r *run) resolveMonitors() error {
	for _, o := range r.group("mon").entries {
		r.at = o.where
		if err := r.resolveMonitor(o); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) resolveMonitor(o *opts) error {
	mode, given := o.lookup("mode")
	id, named := o.lookup("chardev")
	if !given {
		mode = modeHMP
	}
	if mode != modeHMP && mode != modeQMP {
		return notAccepted("mode", mode)
	}
	if !named {
		return missing("chardev")
	}
	c := r.chardev(id)
	if c == nil {
		return fail("chardev \"%s\" not found", id)
	}
	m := Monitor{ID: o.id, Chardev: c, Pretty: o.bool("pretty", false), Where: o.where}
	if mode == modeHMP {
		if m.Pretty {
			return fail("'pretty' is not compatible with HMP monitors")
		}
		r.cfg.HMP = append(r.cfg.HMP, m)
		return r.attach(c)
	}
	if c.Mux && !c.watchable() { // here QEMU breaks down
		return fail("chardev '%s' of backend '%s' has mux=on, which a QMP monitor cannot use", id, c.Backend)
	}
	r.cfg.QMP = append(r.cfg.QMP, m)
	return r.attach(c)
}
