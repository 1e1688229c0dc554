package cmdline

import (
	"strconv"
	"strings"

	"qmpmigrate/qapi/qobject"
)

func isIndex(part string) bool {
	return part != "" && strings.Trim(part, "0123456789") == ""
}

// listify replaces, all the way down, the objects whose members are indexes by lists. path is where d is, with a
// trailing dot unless it is the root. The root itself cannot be a list: a key starts with a name.
func listify(d *qobject.Dict, path string) error {
	for _, name := range d.Keys() {
		value, _ := d.Get(name)
		node, ok := value.(*qobject.Dict)
		if !ok {
			continue
		}
		at := path + name + "."
		if err := listify(node, at); err != nil {
			return err
		}
		list, err := asList(node, at)
		if err != nil {
			return err
		}
		if list != nil {
			d.Set(name, list)
		}
	}
	return nil
}

// asList returns the list that an object with indexes as names stands for, or nil for an object with names.
func asList(d *qobject.Dict, path string) (qobject.List, error) {
	indexes := 0
	for name := range d.All() {
		if isIndex(name) {
			indexes++
		}
	}
	switch indexes {
	case 0:
		return nil, nil
	case d.Len():
	default:
		return nil, fail("Parameters '%s*' used inconsistently", path)
	}
	// Without gaps every index is below the number of members, so an index of any size needs no memory. Several
	// spellings of one index ("1", "01") leave a gap at the end, unless one of them stays below.
	list := make(qobject.List, d.Len())
	highest := 0
	for name, value := range d.All() {
		at, err := strconv.Atoi(name)
		if err != nil || at >= len(list) {
			highest = len(list)
			continue
		}
		highest = max(highest, at)
		list[at] = value
	}
	for at := range min(highest+1, len(list)) {
		if list[at] == nil {
			return nil, fail("Parameter '%s%d' missing", path, at)
		}
	}
	if highest == len(list) {
		return nil, fail("Parameter '%s%d' missing", path, highest)
	}
	return list[:highest+1], nil
}
