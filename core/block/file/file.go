// Package file is disks that are files, or block devices, byte by byte.
package file

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/block"
)

// Options say how a file is opened.
type Options struct {
	// ReadOnly opens it for reading only.
	ReadOnly bool
	// Device: it may be any device of the host.
	Device bool
	// Inactive takes no locks before Activate.
	Inactive bool
	// Unlocked takes no locks at all.
	Unlocked bool
	// Shared lets others write meanwhile.
	Shared bool
	// Grow: the file is to become longer as it is written, as a format's does.
	Grow bool
	// Open opens a file as os.OpenFile does. nil is the system's way.
	Open func(path string, flags int) (*os.File, error)
}

// File is an open one. Unlike other images it may be used from any goroutine.
type File struct {
	f       *os.File
	path    string
	options Options
	// length is that of the file, which may end within a sector.
	length atomic.Int64
}

// Open opens a file that exists. Its errors have QEMU's words.
func Open(path string, o Options) (*File, error) {
	flags := os.O_RDWR
	if o.ReadOnly {
		flags = os.O_RDONLY
	}
	open := o.Open
	if open == nil {
		open = func(path string, flags int) (*os.File, error) { return os.OpenFile(path, flags|unix.O_CLOEXEC, 0) }
	}
	f, err := open(path, flags)
	if err != nil {
		return nil, block.Failed(err, "Could not open '%s'", path)
	}
	file := &File{f: f, path: path, options: o}
	if err := file.begin(); err != nil {
		_ = f.Close()
		return nil, err
	}
	return file, nil
}

func (f *File) begin() error {
	info, err := f.f.Stat()
	if err != nil {
		return block.Failed(err, "Could not stat file")
	}
	if mode := info.Mode(); !mode.IsRegular() && (mode&os.ModeDevice == 0 || mode&os.ModeCharDevice != 0 && !f.options.Device) {
		return fmt.Errorf("'file' driver requires '%s' to be a regular file", f.path)
	}
	if err := f.measure(); err != nil {
		return err
	}
	if f.options.Inactive {
		return nil
	}
	return f.lock()
}

// measure finds out how long the file is.
func (f *File) measure() error {
	end, err := f.f.Seek(0, io.SeekEnd)
	if err != nil {
		return block.Failed(err, "Could not refresh total sector count")
	}
	f.length.Store(end)
	return nil
}

// Size is that of the file in whole sectors; what lacks of the last one is zeros.
func (f *File) Size() int64 {
	return (f.length.Load() + block.Sector - 1) / block.Sector * block.Sector
}

// ReadAt fills p; behind the end of the file are zeros.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.f.ReadAt(p, off)
	if errors.Is(err, io.EOF) {
		clear(p[n:])
		return len(p), nil
	}
	return n, err
}

// WriteAt writes p, and makes the file longer where that is needed.
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.f.WriteAt(p, off)
	f.reached(off + int64(n))
	return n, err
}

// reached notes that the file is at least as long as that.
func (f *File) reached(end int64) {
	for {
		length := f.length.Load()
		if end <= length || f.length.CompareAndSwap(length, end) {
			return
		}
	}
}

// Flush returns when the system has written what was written.
func (f *File) Flush() error {
	if f.options.ReadOnly {
		return nil
	}
	return unix.Fdatasync(int(f.f.Fd()))
}

// Close flushes, gives up the locks and closes the file. The locks do not go
// with the descriptor alone: a child that was just forked may still have it.
func (f *File) Close() error {
	err := f.Flush()
	f.unlock()
	return errors.Join(err, f.f.Close())
}

// Inactivate gives up the locks.
func (f *File) Inactivate() error {
	f.unlock()
	return nil
}

// Activate takes the locks, and looks how long the file is by now.
func (f *File) Activate() error {
	if err := f.lock(); err != nil {
		return err
	}
	return f.measure()
}

// Info tells how much room the file takes.
func (f *File) Info() block.Info {
	var stat unix.Stat_t
	if err := unix.Fstat(int(f.f.Fd()), &stat); err != nil {
		return block.Info{}
	}
	return block.Info{ActualSize: stat.Blocks * block.Sector}
}
