package main

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// openFile opens what a device's options name: a file, or with /dev/fdset/N a
// descriptor that the process was given.
func (d *chardevs) openFile(path string, flag int, perm fs.FileMode) (*os.File, error) {
	number, ok := strings.CutPrefix(path, "/dev/fdset/")
	if !ok || d.sets == nil {
		return os.OpenFile(path, flag, perm)
	}
	id, err := strconv.ParseInt(number, 10, 63)
	if err != nil {
		return nil, syscall.EINVAL
	}
	file, done, err := d.sets.OpenFD(id, flag)
	if err != nil {
		for _, set := range d.sets.List() {
			if set.FdsetID == id {
				return nil, syscall.EACCES // it has none for this way of use
			}
		}
		return nil, syscall.ENOENT
	}
	d.done = append(d.done, done)
	return file, nil
}
