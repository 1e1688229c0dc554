package disks

import (
	"math"
	"os"
	"slices"
	"strings"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
	"qmpmigrate/qapi/scalar"
)

// DriveOptions reads the keys of -drive, nested ones with dots, and gives what
// Drive.Options is to be.
func DriveOptions(keys *qobject.Dict, cdrom bool) (*qapi.BlockdevOptions, error) {
	node := qobject.NewDict()
	for key, value := range keys.All() {
		if !slices.Contains(ofTheDrive(), key) && !strings.HasPrefix(key, intervals) {
			nest(node, key, value)
		}
	}
	name, _ := keys.Get("file")
	file, _ := name.(string)
	if file == "" && node.Len() == 0 && !keys.Has("format") {
		return nil, nil
	}
	driver, err := formatOf(keys, node)
	if err != nil {
		return nil, err
	}
	if text, ok := strings.CutPrefix(file, "json:"); ok {
		value, err := qobject.Parse(text)
		d, ok := value.(*qobject.Dict)
		switch {
		case err != nil:
			return nil, qapi.Errorf("Could not parse the JSON options: %v", err)
		case !ok:
			return nil, qapi.Errorf("Invalid JSON object given")
		}
		return Options(d, false)
	}
	if err := place(node, driver, file, keys); err != nil {
		return nil, err
	}
	if err := onlyKnown(node, driver); err != nil {
		return nil, err
	}
	if err := driveWords(node); err != nil {
		return nil, err
	}
	common(node, keys, cdrom)
	if driver == "" {
		// Which of them it is does not matter to what is said of it so far,
		// nor what only makes one of them fast.
		for _, key := range onlyQcow2() {
			node.Delete(key)
		}
		node.Set("driver", "raw")
	}
	o, err := options(node, sizes)
	if err == nil && driver == "" {
		o.Driver = ""
	}
	return o, err
}

// sizes reads numbers as -drive has them: with a unit, if they have one.
func sizes(text string) (int64, error) {
	n, err := scalar.Size(text)
	return int64(n & math.MaxInt64), err
}

// formatOf is the driver that is asked for, empty for whatever fits.
func formatOf(keys, node *qobject.Dict) (string, error) {
	format, _ := keys.Get("format")
	driver, explicit := node.Get("driver")
	if format != nil && explicit {
		return "", qapi.Errorf("Cannot specify both 'driver' and 'format'")
	}
	if format != nil {
		driver = format
		node.Set("driver", format)
	}
	name, _ := driver.(string)
	return name, nil
}

// place puts the file's name where it belongs: into the node itself, or into
// that beneath it.
func place(node *qobject.Dict, driver, file string, keys *qobject.Dict) error {
	protocol := driver == "file" || driver == "host_device" || driver == "null-co"
	where := node
	if !protocol {
		inner, _ := node.Get("file")
		where, _ = inner.(*qobject.Dict)
		if where == nil {
			if _, reference := inner.(string); reference {
				return nil
			}
			where = qobject.NewDict()
			node.Set("file", where)
		}
	}
	if file != "" {
		name, isFile := strings.CutPrefix(file, "file:")
		before, _, colon := strings.Cut(name, ":")
		switch {
		case isFile || !colon || before == "" || strings.Contains(before, "/"):
			where.Set("filename", name)
		case before == "null-co":
			where.Set("driver", before)
		case slices.Contains(protocols(), before):
			return ErrDriver(before)
		default:
			return qapi.Errorf("Unknown protocol '%s'", before)
		}
	}
	name, _ := where.Get("filename")
	text, _ := name.(string)
	if _, given := where.Get("driver"); !given {
		switch {
		case text == "" && driver == "":
			return qapi.Errorf("Must specify either driver or file")
		case text == "" && where != node:
			return qapi.Errorf("A block device must be specified for \"file\"")
		}
		where.Set("driver", protocolOf(text))
	}
	if aio, ok := keys.Get("aio"); ok {
		if innermost, _ := where.Get("driver"); innermost != "null-co" {
			where.Set("aio", aio)
		}
	}
	return nil
}

// protocols are what the names of images may begin with for QEMU, besides file: and null-co:.
func protocols() []string {
	return []string{
		"blkdebug", "blklogwrites", "blkverify", "fat", "ftp", "ftps", "gluster", "gluster+tcp", "gluster+unix", "gluster+rdma",
		"host_cdrom", "host_device", "http", "https", "iscsi", "nbd", "nbd+tcp", "nbd+unix", "nfs", "null-aio", "nvme", "rbd", "ssh",
	}
}

// protocolOf is file, but for a device of the host.
func protocolOf(name string) string {
	if info, err := os.Stat(name); err == nil && info.Mode()&os.ModeDevice != 0 {
		return "host_device"
	}
	return "file"
}

// common are the members that all drivers have.
func common(node, keys *qobject.Dict, cdrom bool) {
	readOnly := cdrom
	for _, key := range []string{"readonly", "read-only"} {
		value, _ := keys.Get(key)
		readOnly = readOnly || isOn(value)
	}
	node.Set("read-only", onOff(readOnly))
	if _, given := node.Get("auto-read-only"); !given {
		node.Set("auto-read-only", "on")
	}
	switch value, _ := keys.Get("discard"); value {
	case "unmap", "on":
		node.Set("discard", "unmap")
	}
	cache, _ := node.Get("cache")
	inner, ok := cache.(*qobject.Dict)
	if !ok {
		inner = qobject.NewDict()
		node.Set("cache", inner)
	}
	mode, _ := keys.Get("cache")
	setDefault(inner, "direct", onOff(mode == "none" || mode == "off" || mode == "directsync"))
	setDefault(inner, "no-flush", onOff(mode == "unsafe"))
}

// Writethrough says whether the keys of -drive ask for it.
func Writethrough(keys *qobject.Dict) bool {
	if value, ok := keys.Get("cache.writeback"); ok {
		return !isOn(value)
	}
	mode, _ := keys.Get("cache")
	return mode == "writethrough" || mode == "directsync"
}

// ofTheDrive are the keys of -drive that are about the drive, or are read here.
func ofTheDrive() []string {
	return []string{
		"id", "if", "bus", "unit", "index", "media", "file", "format", "snapshot", "cache", "cache.writeback", "aio", "discard",
		"werror", "rerror", "readonly", "read-only", "copy-on-read", "stats-account-invalid", "stats-account-failed",
	}
}

// nest sets a member whose path has dots.
func nest(d *qobject.Dict, path string, value any) {
	first, rest, nested := strings.Cut(path, ".")
	if !nested {
		d.Set(path, value)
		return
	}
	member, _ := d.Get(first)
	inner, ok := member.(*qobject.Dict)
	if !ok {
		inner = qobject.NewDict()
		d.Set(first, inner)
	}
	nest(inner, rest, value)
}

func setDefault(d *qobject.Dict, key string, value any) {
	if _, given := d.Get(key); !given {
		d.Set(key, value)
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func isOn(value any) bool {
	text, _ := value.(string)
	on, _ := scalar.Bool(text)
	return on
}
