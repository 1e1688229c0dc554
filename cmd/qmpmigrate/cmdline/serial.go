package cmdline

import (
	"errors"
	"fmt"
)

// Serial is a serial port of the guest.
type Serial struct {
	Label   string   // serial0, serial1, ...
	Chardev *Chardev // where it is attached; nil for -serial none
	Where   Origin
}

// serialOption is -serial. The character device is made later, after those of -chardev, which it may name.
func serialOption(r *run, value string) error {
	r.serials = append(r.serials, located{value, r.at})
	return nil
}

// located is an argument that is looked at later.
type located struct {
	value string
	where Origin
}

// resolveSerials makes the serial ports.
func (r *run) resolveSerials() error {
	for index, s := range r.serials {
		r.at = s.where
		port, err := r.serial(fmt.Sprintf("serial%d", index), s)
		if err != nil {
			return err
		}
		r.cfg.Serial = append(r.cfg.Serial, port)
	}
	return nil
}

func (r *run) serial(label string, s located) (Serial, error) {
	port := Serial{Label: label, Where: s.where}
	if s.value == "none" {
		return port, nil
	}
	complaint := fmt.Sprintf("could not connect serial device to character backend '%s'", s.value)
	if id, ref := cutChardev(s.value); ref {
		if port.Chardev = r.chardev(id); port.Chardev == nil {
			return port, fail("%s", complaint)
		}
		return port, r.attach(port.Chardev)
	}
	o := &opts{spec: r.group("chardev").spec, id: label, where: s.where}
	err := parseDevice(o, s.value)
	if err == nil && r.chardev(label) != nil {
		err = duplicateID(label, "chardev")
	}
	if err == nil {
		err = r.addChardev(o)
	}
	if err != nil {
		return port, complain(err, complaint)
	}
	port.Chardev = r.cfg.Chardevs[len(r.cfg.Chardevs)-1]
	if port.Chardev.Mux {
		return port, r.serialMonitor(port.Chardev)
	}
	return port, r.attach(port.Chardev)
}

// serialMonitor adds the HMP monitor that "mon:" puts on the serial port's character device.
func (r *run) serialMonitor(c *Chardev) error {
	r.cfg.HMP = append(r.cfg.HMP, Monitor{ID: c.ID, Chardev: c, Where: c.Where})
	return errors.Join(r.attach(c), r.attach(c))
}
