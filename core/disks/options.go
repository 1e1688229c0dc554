package disks

import (
	"slices"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
	"qmpmigrate/qapi/scalar"
)

// Options reads how the command line describes a node. Of members in text form
// the scalars are strings.
func Options(props *qobject.Dict, text bool) (*qapi.BlockdevOptions, error) {
	var number numbers
	if text {
		number = scalar.Int
	}
	return options(props, number)
}

// numbers is how numbers are read that came as text; nil where they did not.
type numbers func(text string) (int64, error)

func options(props *qobject.Dict, number numbers) (*qapi.BlockdevOptions, error) {
	props, err := readable(props, number, "")
	if err != nil {
		return nil, err
	}
	return qapi.DecodeBlockdevOptions(props)
}

// readable is props with its scalars as what they are, of drivers that are here.
func readable(props *qobject.Dict, number numbers, path string) (*qobject.Dict, error) {
	if name, ok := props.Get("driver"); ok {
		driver, _ := name.(string)
		if !slices.Contains(qapi.BlockdevDriverValues(), qapi.BlockdevDriver(driver)) {
			return nil, ErrDriver(driver)
		}
	}
	out := qobject.NewDict()
	for key, value := range props.All() {
		switch v := value.(type) {
		case *qobject.Dict:
			inner, err := readable(v, number, path+key+".")
			if err != nil {
				return nil, err
			}
			value = inner
		case string:
			if number == nil {
				break
			}
			typed, err := typedScalar(path, key, v, number)
			if err != nil {
				return nil, err
			}
			value = typed
		}
		out.Set(key, value)
	}
	return out, nil
}

// ErrDriver refuses a driver of QEMU's that is not here.
func ErrDriver(name string) error {
	return qapi.Errorf("The block driver '%s' is not supported yet by this build", name)
}

// typedScalar gives a member that came as text its type, which its name tells.
func typedScalar(path, key, value string, number numbers) (any, error) {
	switch key {
	case "read-only", "auto-read-only", "force-share", "active", "direct", "no-flush", "read-zeroes", "drop-cache", "x-check-cache-dropped",
		"lazy-refcounts", "pass-discard-request", "pass-discard-snapshot", "pass-discard-other", "discard-no-unref",
		"main-header", "active-l1", "active-l2", "refcount-table", "refcount-block", "snapshot-table", "inactive-l1", "inactive-l2",
		"bitmap-directory":
		on, ok := scalar.Bool(value)
		if !ok {
			return nil, qapi.Errorf("Parameter '%s%s' expects 'on' or 'off'", path, key)
		}
		return on, nil
	case "offset", "size", "latency-ns", "aio-max-batch", "cache-size", "l2-cache-size", "l2-cache-entry-size", "refcount-cache-size",
		"cache-clean-interval":
		n, err := number(value)
		if err != nil {
			return nil, qapi.Errorf("Parameter '%s%s' expects integer", path, key)
		}
		return n, nil
	}
	return value, nil
}
