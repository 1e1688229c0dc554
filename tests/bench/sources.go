package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"qmpmigrate/tests/emulator"
)

// Sources are machines of both programs that do not run and hold the same. They are used again for every
// destination.
type sources struct{ qemu, server *emulator.Emulator }

func (s sources) close() {
	for _, e := range []*emulator.Emulator{s.qemu, s.server} {
		if e != nil {
			e.Close()
		}
	}
}

// The memory of a machine, as the object that it is.
const (
	coldMemory  = "memory-backend-ram"
	readyMemory = "memory-backend-ram,prealloc=on"
	copiedFrom  = "memory-backend-file,share=off,prealloc=on,mem-path="
)

// machineOf are the arguments for a machine of either program with so much memory, in MiB.
func (s settings) machineOf(p emulator.Program, memory string, size int64) []string {
	args := []string{"-nodefaults", "-S", "-m", fmt.Sprint(size), "-object", fmt.Sprintf("%s,id=m0,size=%dM", memory, size)}
	if p.QEMU {
		return append(args, "-accel", "tcg", "-machine", s.machine+",memory-backend=m0")
	}
	return append(args, "-machine", "memtest,workload=idle,memory-backend=m0")
}

// startSources gives both programs the same content, in memory of their own that is all present: each gets it
// by a migration from one of its kind whose memory is a file.
func (s settings) startSources(ctx context.Context, dir string, c content, size int64) (from sources, err error) {
	path := filepath.Join(dir, "memory")
	defer os.Remove(path)
	if err := c.write(path, size); err != nil {
		return from, err
	}
	progress("sources with %d MiB of %s", size, c.name)
	if from.qemu, err = s.startFilled(ctx, s.qemu, path, size); err == nil {
		from.server, err = s.startFilled(ctx, s.server, path, size)
	}
	if err != nil {
		from.close()
	}
	return from, err
}

func (s settings) startFilled(ctx context.Context, p emulator.Program, path string, size int64) (*emulator.Emulator, error) {
	first, err := emulator.Start(ctx, p, "first", s.machineOf(p, copiedFrom+path, size)...)
	if err != nil {
		return nil, err
	}
	defer first.Close()
	e, err := emulator.Start(ctx, p, "source", append(s.machineOf(p, coldMemory, size), "-incoming", "defer")...)
	if err != nil {
		return nil, err
	}
	if _, err := measure(ctx, emulator.Unix(), way{}, first, e, size); err != nil {
		return nil, errors.Join(err, e.Stop())
	}
	return e, nil
}
