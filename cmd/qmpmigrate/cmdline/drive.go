package cmdline

import (
	"slices"

	"qmpmigrate/qapi/qobject"
)

// Drive is -drive, -hda and their like, or an operand: a disk in the old form.
type Drive struct {
	ID     string // as given, or made up as QEMU does: ide0-hd0, virtio0, none0
	File   string
	Format string // empty: find out
	If     string // the bus: ide, scsi, virtio, none, ...
	Place  Place
	// Temporary: what is written is forgotten at the end.
	Temporary bool
	Props     *qobject.Dict
	Where     Origin
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
	onError := []string{"ignore", "stop", "report"}
	return []choice{
		{"if", busTypes(), "unsupported bus type '%s'"},
		{"media", []string{"disk", "cdrom"}, "'%s' invalid media"},
		{"cache", []string{"none", "off", "directsync", "writeback", "unsafe", "writethrough"}, "invalid cache option"},
		{"discard", []string{"ignore", "off", "unmap", "on"}, "Invalid discard option"},
		{"werror", append([]string{"enospc"}, onError...), "'%s' invalid write error action"},
		{"rerror", onError, "'%s' invalid read error action"},
	}
}

func busTypes() []string {
	return []string{"ide", "scsi", "floppy", "pflash", "mtd", "sd", "virtio", "xen", "none"}
}

// resolveDrives checks the drives and names those that have no id.
func (r *run) resolveDrives() error {
	places := r.newPlaces()
	for _, o := range r.group("drive").entries {
		r.at = o.where
		if err := checkDrive(o); err != nil {
			return err
		}
		d := Drive{ID: o.id, File: o.get("file"), Format: o.get("format"), If: o.get("if"), Props: o.dict(), Where: o.where}
		if d.If == "" {
			d.If = "ide"
		}
		d.Temporary = o.bool("snapshot", r.cfg.Snapshot)
		var err error
		if d.Place, err = places.find(o, d.If); err != nil {
			return err
		}
		if d.ID == "" {
			d.ID = places.name(d, o.get("media"))
		}
		r.cfg.Drives = append(r.cfg.Drives, d)
	}
	for _, d := range r.cfg.Drives {
		r.at = d.Where
		if err := places.supported(d); err != nil {
			return err
		}
	}
	r.at = Origin{}
	return r.checkBlockNodes()
}

func checkDrive(o *opts) error {
	for _, name := range [...]string{
		"snapshot", "readonly", "read-only", "copy-on-read", "auto-read-only", "cache.writeback", "stats-account-invalid", "stats-account-failed",
	} {
		if value, ok := o.lookup(name); ok {
			if name == "readonly" {
				name = "read-only" // as it is called by now
			}
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
