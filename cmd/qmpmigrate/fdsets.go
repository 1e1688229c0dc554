package main

import (
	"errors"

	"golang.org/x/sys/unix"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/qapi/passfd"
)

// inheritFDs moves the descriptors of -add-fd into their sets. One may be put
// into several.
func inheritFDs(sets *passfd.Sets, fds []cmdline.FD) error {
	for _, fd := range fds {
		if err := inheritFD(sets, fd); err != nil {
			return fd.Where.Errorf("%v", err)
		}
	}
	for _, fd := range fds {
		unix.Close(fd.FD)
	}
	return nil
}

func inheritFD(sets *passfd.Sets, fd cmdline.FD) error {
	// What this process opened itself is closed on exec, and not for the taking.
	flags, err := unix.FcntlInt(uintptr(fd.FD), unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC != 0 {
		return errors.New("fd is not valid or already in use")
	}
	own, err := unix.FcntlInt(uintptr(fd.FD), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return failed(err, "error duplicating fd")
	}
	set := int64(fd.Set)
	var opaque *string
	if fd.Opaque != "" {
		opaque = &fd.Opaque
	}
	_, err = sets.Add(own, &set, opaque)
	return err
}
