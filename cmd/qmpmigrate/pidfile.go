package main

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// writePidFile writes this process's id to path and keeps the file locked, so
// that a second server notices. remove ends both.
func writePidFile(path string) (remove func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, failed(err, "cannot create PID file: Could not create '%s'", path)
	}
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_SETLK, &lock); err != nil {
		f.Close()
		return nil, failed(err, "cannot create PID file: Cannot lock pid file")
	}
	if err := f.Truncate(0); err == nil {
		_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
		if err != nil {
			f.Close()
			return nil, failed(err, "cannot create PID file: Failed to write pid file")
		}
	}
	if whole, err := filepath.Abs(path); err == nil {
		path = whole // the process may leave its folder
	}
	return func() {
		os.Remove(path)
		f.Close()
	}, nil
}
