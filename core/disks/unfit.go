package disks

import (
	"qmpmigrate/qapi"
)

// unfit says what does not fit together in what a user says of a node, as far
// as that is more than the types of members.
func unfit(o *qapi.BlockdevOptions) error {
	if value(o.DetectZeroes) == qapi.BlockdevDetectZeroesOptionsUnmap && value(o.Discard) != qapi.BlockdevDiscardOptionsUnmap {
		return qapi.Errorf("setting detect-zeroes to unmap is not allowed without setting discard operation to unmap")
	}
	return unfitFile(o, false)
}

// unfitFile is unfit of o and those beneath; direct is what is above of cache.direct.
func unfitFile(o *qapi.BlockdevOptions, direct bool) error {
	if o.Cache != nil && o.Cache.Direct != nil {
		direct = *o.Cache.Direct
	}
	for _, f := range [...]*qapi.BlockdevOptionsFile{o.File, o.HostDevice} {
		if f != nil && value(f.Aio) == qapi.BlockdevAioOptionsNative && !direct {
			return qapi.Errorf("aio=native was specified, but it requires cache.direct=on, which was not specified.")
		}
	}
	var below *qapi.BlockdevOptions
	switch {
	case o.Raw != nil:
		below = o.Raw.File.Definition
	case o.Qcow2 != nil:
		if q := o.Qcow2; q.CacheSize != nil && value(q.L2CacheSize) > *q.CacheSize {
			return qapi.Errorf("l2-cache-size may not exceed cache-size")
		}
		below = o.Qcow2.File.Definition
	}
	if below == nil {
		return nil
	}
	return unfitFile(below, direct)
}
