package cmdline

import "math"

// FD is -add-fd: an inherited descriptor that joins a set, for /dev/fdset/N.
type FD struct {
	FD, Set int
	Opaque  string // for people who ask query-fdsets
	Where   Origin
}

// addFDOption is -add-fd.
func addFDOption(r *run, value string) error {
	o, err := r.group("add-fd").parse(value, r.at, r.warnFlag)
	if err != nil {
		return err
	}
	// A missing number and a negative one, which wraps, look alike.
	fd, set := int32(o.number("fd", math.MaxUint64)), int64(o.number("set", math.MaxUint64))
	switch {
	case fd < 0:
		return fail("fd option is required and must be non-negative")
	case fd <= 2:
		return fail("fd cannot be a standard I/O stream")
	case set < 0:
		return fail("set option is required and must be non-negative")
	}
	r.cfg.FDs = append(r.cfg.FDs, FD{int(fd), int(set), o.get("opaque"), r.at})
	return nil
}
