package chardev

// Info is what there is to know about a device.
type Info struct {
	Label        string
	Filename     string // what it is attached to, for people
	FrontendOpen bool   // a front end uses it
}

// Info describes the device; a shared one is shown as two.
func (d *Device) Info() []Info {
	used := len(d.frontends) > 0
	list := []Info{{d.baseLabel(), d.filename(), used}}
	if d.conf.Mux {
		list = append(list, Info{d.conf.Label, "mux", used})
	}
	return list
}

func (d *Device) filename() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.current != nil {
		return d.current.name
	}
	return d.source.name()
}

// Ring is the ring buffer that is called label, or nil if that is another kind of device.
func (d *Device) Ring(label string) *Ring {
	if l, ok := d.source.(*lasting); ok && label == d.baseLabel() {
		r, _ := l.device.(*Ring)
		return r
	}
	return nil
}
