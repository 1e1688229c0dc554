package cmdline

import (
	"qmpmigrate/qapi/qobject"

	"qmpmigrate/qapi/scalar"
)

// lookup returns the value of the last item of that name.
func (o *opts) lookup(name string) (value string, ok bool) {
	for i := len(o.items) - 1; i >= 0; i-- {
		if o.items[i].key == name {
			return o.items[i].value, true
		}
	}
	return "", false
}

func (o *opts) has(name string) bool {
	_, ok := o.lookup(name)
	return ok
}

// get returns a string, empty when it was not given.
func (o *opts) get(name string) string {
	value, _ := o.lookup(name)
	return value
}

// bool, number and size return a default when nothing was given. What was given had to pass key.check before.

func (o *opts) bool(name string, def bool) bool {
	if text, ok := o.lookup(name); ok {
		def, _ = scalar.Bool(text)
	}
	return def
}

func (o *opts) number(name string, def uint64) uint64 {
	if text, ok := o.lookup(name); ok {
		def, _ = scalar.Uint(text)
	}
	return def
}

func (o *opts) size(name string, def uint64) uint64 {
	if text, ok := o.lookup(name); ok {
		def, _ = scalar.Size(text)
	}
	return def
}

// optionalBool returns nil when nothing was said.
func (o *opts) optionalBool(name string) *bool {
	if !o.has(name) {
		return nil
	}
	return new(o.bool(name, false))
}

// dict returns everything that was said, the id included, as strings.
func (o *opts) dict() *qobject.Dict {
	d := qobject.NewDict()
	if o.id != "" {
		d.Set("id", o.id)
	}
	for _, it := range o.items {
		d.Set(it.key, it.value)
	}
	return d
}
