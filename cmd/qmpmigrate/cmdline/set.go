package cmdline

import (
	"slices"
	"strings"
)

// setOption is -set GROUP.ID.KEY=VALUE: one more key for an earlier option that has an id.
func setOption(r *run, value string) error {
	place, text, assigned := strings.Cut(value, "=")
	groupName, rest, ok := strings.Cut(place, ".")
	id, name, named := strings.Cut(rest, ".")
	if !assigned || !ok || !named || groupName == "" || id == "" || name == "" {
		return fail("can't parse: \"%s\"", value)
	}
	g := r.group(groupName)
	switch {
	case g == nil:
		return fail("There is no option group '%s'", groupName)
	case !slices.Contains([]string{"accel", "chardev", "device", "drive", "mon"}, groupName):
		return fail("-%s takes effect at once and cannot be added to", groupName)
	}
	o := g.find(id)
	if o == nil {
		return fail("there is no %s \"%s\" defined", groupName, id)
	}
	return o.set(name, text)
}
