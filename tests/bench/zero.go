package main

import (
	"context"
	"os"
	"path/filepath"

	"qmpmigrate/tests/emulator"
)

// zero moves memory without anything in it: such that was never written, and such that was, and must be looked at.
func (s settings) zero(ctx context.Context, dir string) (table, error) {
	t := newMoves(zeros(), s.size, []string{"source memory", "destination memory"})
	path := filepath.Join(dir, "zeros")
	defer os.Remove(path)
	if err := zeros().write(path, s.size); err != nil {
		return t, err
	}
	for _, source := range []struct {
		name, memory string
		list         []moving
	}{
		{"never written", coldMemory, []moving{{head: []string{"never written", "cold"}}}},
		{"written", copiedFrom + path, []moving{{head: []string{"written", "cold"}},
			{head: []string{"written", "preallocated"}, ready: true}}},
	} {
		from, err := s.startZeros(ctx, source.memory)
		if err != nil {
			return t, err
		}
		for i := range source.list {
			source.list[i].channel = emulator.TCP()
		}
		err = s.compareMoves(ctx, &t, from, s.size, source.list)
		from.close()
		if err != nil {
			return t, err
		}
	}
	return t, nil
}

func (s settings) startZeros(ctx context.Context, memory string) (from sources, err error) {
	if from.qemu, err = emulator.Start(ctx, s.qemu, "source", s.machineOf(s.qemu, memory, s.size)...); err != nil {
		return from, err
	}
	from.server, err = emulator.Start(ctx, s.server, "source", s.machineOf(s.server, memory, s.size)...)
	if err != nil {
		from.close()
	}
	return from, err
}
