package disks

import (
	"slices"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// onlyQcow2 are the members of a qcow2 that are about speed.
func onlyQcow2() []string {
	return []string{
		"lazy-refcounts", "pass-discard-request", "pass-discard-snapshot", "pass-discard-other", "discard-no-unref",
		"overlap-check", "cache-size", "l2-cache-size", "l2-cache-entry-size", "refcount-cache-size", "cache-clean-interval",
	}
}

// driveMembers are what the nodes of a -drive can be told: all of them, and each driver's.
func driveMembers() (all []string, each map[string][]string) {
	file := []string{"filename", "locking", "aio", "aio-max-batch", "drop-cache", "x-check-cache-dropped"}
	qcow2 := append(onlyQcow2(), "file", "backing", "data-file")
	return []string{"driver", "node-name", "auto-read-only", "read-only", "force-share", "active", "detect-zeroes", "cache", "discard"},
		map[string][]string{
			"": append(qcow2, "offset", "size"), "raw": {"file", "offset", "size"}, "qcow2": qcow2,
			"file": file, "host_device": file, "null-co": {"size", "latency-ns", "read-zeroes"},
		}
}

// onlyKnown refuses what neither the node nor that beneath it can be told.
func onlyKnown(node *qobject.Dict, driver string) error {
	all, each := driveMembers()
	known, here := each[driver]
	if !here {
		return nil // which is refused by name
	}
	if driver == "" {
		driver = "raw" // as it is called where nothing else fits
	}
	for key, value := range node.All() {
		inner, _ := value.(*qobject.Dict)
		switch {
		case !slices.Contains(known, key) && !slices.Contains(all, key):
			return qapi.Errorf("Block format '%s' does not support the option '%s'", driver, key+firstOf(inner))
		case key == "cache" && inner != nil:
			for member := range inner.All() {
				if member != "direct" && member != "no-flush" {
					return qapi.Errorf("Block format '%s' does not support the option 'cache.%s'", driver, member)
				}
			}
		case key == "file" && inner != nil:
			protocol, _ := inner.Get("driver")
			name, _ := protocol.(string)
			known, here := each[name]
			for member := range inner.All() {
				if here && !slices.Contains(known, member) && !slices.Contains(all, member) {
					return qapi.Errorf("Block protocol '%s' doesn't support the option '%s'", name, member)
				}
			}
		}
	}
	return nil
}

// firstOf is the rest of the path to the first member of d.
func firstOf(d *qobject.Dict) string {
	if d != nil {
		for key, value := range d.All() {
			inner, _ := value.(*qobject.Dict)
			return "." + key + firstOf(inner)
		}
	}
	return ""
}

// driveWords refuses values for which -drive has words of its own.
func driveWords(node *qobject.Dict) error {
	file, _ := node.Get("file")
	below, _ := file.(*qobject.Dict)
	for _, d := range [...]*qobject.Dict{node, below} {
		if d == nil {
			continue
		}
		for _, c := range [...]struct {
			key    string
			values []string
			refuse string
		}{
			{"detect-zeroes", []string{"off", "on", "unmap"}, "invalid parameter value: "},
			{"locking", []string{"on", "off", "auto"}, "invalid parameter value: "},
			{"aio", []string{"threads", "native", "io_uring"}, "invalid aio option"},
		} {
			value, given := d.Get(c.key)
			text, _ := value.(string)
			switch {
			case !given || slices.Contains(c.values, text):
			case c.key == "aio":
				return qapi.Errorf("%s", c.refuse)
			default:
				return qapi.Errorf("%s%s", c.refuse, text)
			}
		}
	}
	return nil
}
