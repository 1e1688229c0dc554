package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"qmpmigrate/tests/emulator"
)

// mapped saves memory to a file in which every page has its place, and loads it from there.
func (s settings) mapped(ctx context.Context, dir string) (table, error) {
	t := table{
		title:   fmt.Sprintf("mapped-ram: stopped machine, %d MiB of %s, to a file and from there", s.size, noisy().name),
		columns: []string{"", "memory", "", "MiB/s", "CPU s/GiB", "wall ms"},
	}
	var from sources
	defer func() { from.close() }()
	for _, kind := range []struct {
		name string
		way  way
	}{
		{"one channel", way{capabilities: []string{"mapped-ram"}}},
		{"2 lanes", way{capabilities: []string{"mapped-ram", "multifd"}, parameters: map[string]any{"multifd-channels": 2}}},
	} {
		missing, err := s.missing(ctx, kind.way)
		if err != nil {
			return t, err
		}
		if missing != "" {
			t.skip([]string{kind.name}, missing)
			continue
		}
		if from.qemu == nil {
			if from, err = s.startSources(ctx, dir, noisy(), s.size); err != nil {
				return t, err
			}
		}
		if err := s.saveAndLoad(ctx, &t, dir, kind.name, kind.way, from); err != nil {
			return t, err
		}
	}
	return t, nil
}

func (s settings) saveAndLoad(ctx context.Context, t *table, dir, name string, w way, from sources) error {
	paths := map[bool]string{true: filepath.Join(dir, "theirs"), false: filepath.Join(dir, "ours")}
	for _, path := range paths {
		defer os.Remove(path)
	}
	row := func(what, memory string, measure func(src *emulator.Emulator) (transfer, error)) error {
		progress("mapped-ram, %s: %s, memory %s", name, what, memory)
		theirs, ours, err := alternate(s.rounds,
			func() (transfer, error) { return measure(from.qemu) },
			func() (transfer, error) { return measure(from.server) })
		if err == nil {
			compare(t, []string{what + ", " + name, memory}, s.pair(), theirs, ours, mappedFigures())
		}
		return err
	}
	path := func(src *emulator.Emulator) string { return paths[src.Program.QEMU] }
	if err := row("save", "present", func(src *emulator.Emulator) (transfer, error) {
		return s.save(ctx, w, src, path(src))
	}); err != nil {
		return err
	}
	memories := []string{"cold", "preallocated"}
	if len(w.parameters) > 0 {
		memories = memories[1:] // lanes do not change what page faults cost
	}
	for _, memory := range memories {
		if err := row("load", memory, func(src *emulator.Emulator) (transfer, error) {
			return s.load(ctx, w, src.Program, path(src), memory == "preallocated")
		}); err != nil {
			return err
		}
	}
	return nil
}

func mappedFigures() []figure[transfer] {
	return []figure[transfer]{
		{func(t transfer) float64 { return t.throughput }, "%.0f"},
		{func(t transfer) float64 { return t.srcCPU }, "%.3f"},
		{func(t transfer) float64 { return t.wall }, "%.0f"},
	}
}

func (s settings) save(ctx context.Context, w way, src *emulator.Emulator, path string) (transfer, error) {
	// A file that is written over would have its pages in memory already.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return transfer{}, err
	}
	if err := w.set(ctx, src); err != nil {
		return transfer{}, err
	}
	result, err := s.alone(ctx, src, func() error { return src.MigrateTo(ctx, "file:"+path) })
	if err != nil {
		return result, err
	}
	return result, again(ctx, src, w)
}

func (s settings) load(ctx context.Context, w way, p emulator.Program, path string, ready bool) (transfer, error) {
	if !ready {
		if err := pause(ctx); err != nil {
			return transfer{}, err
		}
	}
	dst, err := s.startDestination(ctx, p, ready, s.size)
	if err != nil {
		return transfer{}, err
	}
	defer dst.Close()
	if err := w.set(ctx, dst); err != nil {
		return transfer{}, err
	}
	return s.alone(ctx, dst, func() error { return dst.Incoming(ctx, "file:"+path) })
}

// alone measures a migration that has one end.
func (s settings) alone(ctx context.Context, e *emulator.Emulator, start func() error) (transfer, error) {
	before, err := e.CPUTime()
	if err != nil {
		return transfer{}, err
	}
	events, begin := len(e.Monitor.Events()), time.Now()
	if err := start(); err != nil {
		return transfer{}, err
	}
	if err := waitCompleted(ctx, e, events); err != nil {
		return transfer{}, err
	}
	wall := time.Since(begin)
	after, err := e.CPUTime()
	return transfer{
		throughput: float64(s.size) / wall.Seconds(),
		wall:       wall.Seconds() * 1000,
		srcCPU:     (after - before).Seconds() / (float64(s.size) / 1024),
	}, err
}
