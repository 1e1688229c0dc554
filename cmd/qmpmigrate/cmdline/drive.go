package cmdline

import (
	"fmt"
	"slices"

	"qmpmigrate/qapi/qobject"
	"qmpmigrate/qapi/scalar"
)

// Drive is -drive, -hda and their like, or an operand: a disk in the old form.
type Drive struct {
	ID     string // as given, or made up as QEMU does: ide0-hd0, virtio0, none0
	File   string
	Format string // empty: find out
	If     string // the bus: ide, scsi, virtio, none, ...
	Index  int    // on the bus
	Props  *qobject.Dict
	Where  Origin
}

// operand is an argument without dash: the first disk.
func (r *run) operand(file string) { r.disk(file, "0", "disk") }

// diskOption is -hda ... -hdd and -cdrom.
func diskOption(index, media string) func(*run, string) error {
	return func(r *run, value string) error {
		r.disk(value, index, media)
		return nil
	}
}

func (r *run) disk(file, index, media string) {
	g := r.group("drive")
	o := &opts{spec: g.spec, where: r.at}
	o.put("if", "ide")
	o.put("index", index)
	o.put("media", media)
	o.put("file", file)
	g.entries = append(g.entries, o)
}

// choice is a key of -drive that takes one of a few values, with the words that refuse another.
type choice struct {
	key    string
	values []string
	refuse string
}

func driveChoices() []choice {
	onError := []string{"ignore", "enospc", "stop", "report", "auto"}
	return []choice{
		{"if", busTypes(), "unsupported bus type '%s'"},
		{"media", []string{"disk", "cdrom"}, "'%s' invalid media"},
		{"cache", []string{"none", "off", "directsync", "writeback", "unsafe", "writethrough"}, "invalid cache option"},
		{"discard", []string{"ignore", "off", "unmap", "on"}, "Invalid discard option"},
		{"werror", onError, "'%s' invalid write error action"},
		{"rerror", onError, "'%s' invalid read error action"},
	}
}

func busTypes() []string {
	return []string{"ide", "scsi", "floppy", "pflash", "mtd", "sd", "virtio", "xen", "none"}
}

// resolveDrives checks the drives and names those that have no id.
func (r *run) resolveDrives() error {
	next := make(map[string]int) // first index of a bus that is not taken
	for _, o := range r.group("drive").entries {
		r.at = o.where
		if err := checkDrive(o); err != nil {
			return err
		}
		d := Drive{ID: o.id, File: o.get("file"), Format: o.get("format"), If: o.get("if"), Props: o.dict(), Where: o.where}
		if d.If == "" {
			d.If = "ide"
		}
		d.Index = next[d.If]
		if text, ok := o.lookup("index"); ok {
			n, err := scalar.Int(text)
			if err != nil || n < 0 || n > 1<<16 {
				return expects("index", "a number")
			}
			d.Index = int(n)
		}
		next[d.If] = max(next[d.If], d.Index+1)
		if d.ID == "" {
			d.ID = driveName(d, o.get("media"))
		}
		r.cfg.Drives = append(r.cfg.Drives, d)
	}
	r.at = Origin{}
	return r.checkBlockNodes()
}

func checkDrive(o *opts) error {
	for _, name := range [...]string{"snapshot", "readonly", "read-only", "copy-on-read", "auto-read-only"} {
		if value, ok := o.lookup(name); ok {
			if err := boolean(name).check(value); err != nil {
				return err
			}
		}
	}
	for _, c := range driveChoices() {
		value, ok := o.lookup(c.key)
		if !ok || slices.Contains(c.values, value) {
			continue
		}
		if c.key == "cache" || c.key == "discard" {
			return fail("%s", c.refuse)
		}
		return fail(c.refuse, value)
	}
	return nil
}

// driveName makes up the name of a drive without id: two drives share an IDE bus.
func driveName(d Drive, media string) string {
	kind := "hd"
	if media == "cdrom" {
		kind = "cd"
	}
	switch d.If {
	case "ide":
		return fmt.Sprintf("ide%d-%s%d", d.Index/2, kind, d.Index%2)
	case "scsi":
		return fmt.Sprintf("scsi%d-%s%d", d.Index/7, kind, d.Index%7)
	}
	return fmt.Sprintf("%s%d", d.If, d.Index)
}
