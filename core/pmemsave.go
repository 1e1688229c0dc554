package core

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"

	"qmpmigrate/qapi"
)

// saveChunk is how much of memory is read at once.
const saveChunk = 1 << 20

// Pmemsave is pmemsave.
func (m *Machine) Pmemsave(ctx context.Context, args *qapi.PmemsaveArgs) error {
	if args.Size < 0 {
		// QEMU would fill the disk.
		return qapi.Errorf("Invalid parameter 'size'")
	}
	f, err := os.OpenFile(args.Filename, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return qapi.Errorf("Could not open '%s': %s", args.Filename, errnoText(err))
	}
	err = m.savePhys(ctx, f, uint64(args.Val), uint64(args.Size))
	if err = errors.Join(err, f.Close()); err != nil {
		return qapi.Errorf("writing memory to '%s' failed", args.Filename)
	}
	return nil
}

// savePhys writes size bytes of guest-physical memory. Behind the end of RAM
// there are only zeros, for which a file needs no room.
func (m *Machine) savePhys(ctx context.Context, f *os.File, addr, size uint64) error {
	var top uint64
	m.access.RLock()
	for _, s := range m.memoryMap() {
		top = s.addr + s.size
	}
	m.access.RUnlock()
	buf := make([]byte, min(size, saveChunk))
	var done uint64
	for done < size && addr+done < top && addr+done >= addr {
		part := buf[:min(size-done, saveChunk)]
		if err := errors.Join(ctx.Err(), m.ReadPhys(ctx, addr+done, part)); err != nil {
			return err
		}
		if _, err := f.Write(part); err != nil {
			return err
		}
		done += uint64(len(part))
	}
	if done == size {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode().IsRegular() {
		return errors.Join(err, f.Truncate(int64(size)))
	}
	if size-done > fourGiB {
		return syscall.EFBIG
	}
	_, err := io.CopyN(f, zeros{}, int64(size-done))
	return err
}

// zeros reads as zeros for ever.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// errnoText is the C library's text for the error of a system call.
func errnoText(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	text := errno.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
