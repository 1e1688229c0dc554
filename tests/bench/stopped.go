package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"qmpmigrate/tests/emulator"
)

// stopped moves incompressible memory of machines that do not run. Both sources have it in private memory
// that is present before the clock starts; both are used again for every destination.
func (s settings) stopped(ctx context.Context, dir string) (table, error) {
	t := table{
		title: fmt.Sprintf("Stopped machine, %d MiB of incompressible memory", s.size),
		columns: []string{"channel", "destination memory", "", "MiB/s", "source CPU s/GiB", "destination CPU s/GiB",
			"wall ms", "downtime ms"},
	}
	qemu, err := s.startQEMUSource(ctx, dir)
	if err != nil {
		return t, err
	}
	defer qemu.Close()
	server, err := s.startServerSource(ctx)
	if err != nil {
		return t, err
	}
	defer server.Close()
	for _, channel := range []emulator.Channel{emulator.TCP(), emulator.Unix()} {
		for _, prealloc := range []bool{false, true} {
			memory := map[bool]string{false: "cold", true: "preallocated"}[prealloc]
			progress("stopped machine over %s, destination memory %s", channel, memory)
			theirs, ours, err := alternate(s.rounds,
				func() (transfer, error) { return s.moveStopped(ctx, channel, qemu, s.qemuDestination(prealloc)) },
				func() (transfer, error) { return s.moveStopped(ctx, channel, server, s.serverDestination(prealloc)) })
			if err != nil {
				return t, err
			}
			compare(&t, []string{channel.Name, memory}, s.pair(), theirs, ours, stoppedFigures())
		}
	}
	return t, nil
}

func stoppedFigures() []figure[transfer] {
	return []figure[transfer]{
		{func(t transfer) float64 { return t.throughput }, "%.0f"},
		{func(t transfer) float64 { return t.srcCPU }, "%.3f"},
		{func(t transfer) float64 { return t.dstCPU }, "%.3f"},
		{func(t transfer) float64 { return t.wall }, "%.0f"},
		{func(t transfer) float64 { return t.downtime }, "%.0f"},
	}
}

// settle is a pause in which a virtual machine that runs this gives free memory back to its host, and the
// kernel its caches: without it the one whose turn comes sooner after somebody's end meets warmer memory.
const settle = 7 * time.Second

func (s settings) moveStopped(ctx context.Context, c emulator.Channel, src *emulator.Emulator, args []string) (transfer, error) {
	select {
	case <-time.After(settle):
	case <-ctx.Done():
		return transfer{}, context.Cause(ctx)
	}
	dst, err := emulator.Start(ctx, src.Program, "destination", append(args, "-S", "-incoming", "defer")...)
	if err != nil {
		return transfer{}, err
	}
	defer dst.Close()
	result, err := measure(ctx, c, src, dst)
	if err != nil {
		return result, err
	}
	// A machine that has gone away must have run again before it can go another time.
	for _, command := range []string{"cont", "stop"} {
		if err := src.Execute(ctx, command, nil, nil); err != nil {
			return result, err
		}
	}
	return result, nil
}

func (s settings) qemuMachine(memory string) []string {
	return []string{"-accel", "tcg", "-nodefaults", "-m", fmt.Sprint(s.size),
		"-object", fmt.Sprintf("%s,id=m0,size=%dM", memory, s.size), "-machine", s.machine + ",memory-backend=m0"}
}

func (s settings) qemuDestination(prealloc bool) []string {
	if prealloc {
		return s.qemuMachine("memory-backend-ram,prealloc=on")
	}
	return s.qemuMachine("memory-backend-ram")
}

// startQEMUSource gives QEMU random memory: a private mapping of a file, every page of which is copied by
// the preallocation.
func (s settings) startQEMUSource(ctx context.Context, dir string) (*emulator.Emulator, error) {
	path := filepath.Join(dir, "memory")
	defer os.Remove(path)
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	_, err = io.CopyN(file, rand.Reader, s.size<<20)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	args := s.qemuMachine("memory-backend-file,share=off,prealloc=on,mem-path=" + path)
	return emulator.Start(ctx, s.qemu, "source", append(args, "-S")...)
}

// stress is the workload whose memory is full of noise; it hardly runs.
const stress = "memtest,workload=stress,fill=100,entropy=100,zero=0,rate=1"

func (s settings) serverMachine() []string {
	return []string{"-machine", stress, "-m", fmt.Sprint(s.size), "-smp", "1", "-nodefaults"}
}

func (s settings) serverDestination(prealloc bool) []string {
	if prealloc {
		return append(s.serverMachine(), "-mem-prealloc")
	}
	return s.serverMachine()
}

// startServerSource fills memory by letting the guest start, and stops it.
func (s settings) startServerSource(ctx context.Context) (*emulator.Emulator, error) {
	e, err := emulator.Start(ctx, s.server, "source", s.serverMachine()...)
	if err != nil {
		return nil, err
	}
	if err := e.Execute(ctx, "stop", nil, nil); err != nil {
		return nil, errors.Join(err, e.Stop())
	}
	return e, nil
}
