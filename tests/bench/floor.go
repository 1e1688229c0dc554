package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/memory"
)

// A pace is how fast this machine does something to memory without any migration.
type pace struct {
	speed float64 // MiB/s
	cpu   float64 // seconds per GiB, of both ends where there are two
}

// floor measures what no migration can do without: memory is read, copied, and carried by the kernel, and pages that
// were never touched are made.
func (s settings) floor(ctx context.Context, dir string) (table, error) {
	t := table{
		title:   fmt.Sprintf("What this machine does to %d MiB of memory", s.size),
		columns: []string{"", "MiB/s", "CPU s/GiB"},
	}
	from, err := present(s.size)
	if err != nil {
		return t, err
	}
	defer from.Close()
	to, err := present(s.size)
	if err != nil {
		return t, err
	}
	defer to.Close()
	for _, row := range []struct {
		name string
		cold bool
		do   func() error
	}{
		{"copied by a loop", false, func() error { copy(to.Bytes(), from.Bytes()); return nil }},
		{"compared with zeros", false, func() error { return look(to) }},
		{"sent over tcp in pieces of 256 KiB", false, func() error { return carry("tcp", "127.0.0.1:0", from, to) }},
		{"sent over a unix socket", false, func() error { return carry("unix", dir+"/floor", from, to) }},
		{"never touched, small pages, one core", true, func() error { return s.touch(false, false) }},
		{"never touched, huge pages, one core", true, func() error { return s.touch(true, false) }},
		{"never touched, huge pages, all cores", true, func() error { return s.touch(true, true) }},
	} {
		progress("floor: %s", row.name)
		var all []pace
		for range s.rounds {
			if row.cold {
				if err := pause(ctx); err != nil {
					return t, err
				}
			}
			p, err := timed(s.size, row.do)
			if err != nil {
				return t, err
			}
			all = append(all, p)
		}
		t.rows = append(t.rows, []string{row.name,
			fmt.Sprintf("%.0f", median(all, func(p pace) float64 { return p.speed })),
			fmt.Sprintf("%.3f", median(all, func(p pace) float64 { return p.cpu }))})
	}
	return t, nil
}

func timed(size int64, do func() error) (pace, error) {
	before, begin := ownTime(), time.Now()
	err := do()
	wall, used := time.Since(begin).Seconds(), ownTime()-before
	return pace{float64(size) / wall, used.Seconds() / (float64(size) / 1024)}, err
}

// ownTime is the CPU time that this process has used.
func ownTime() time.Duration {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// present is memory whose pages are there, and zero.
func present(size int64) (*memory.Block, error) {
	b, err := memory.New("floor", uint64(size)<<20)
	if err != nil {
		return nil, err
	}
	if err := b.Prealloc(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// look reads all of a block that holds zeros.
func look(b *memory.Block) error {
	var zero [memory.PageSize]byte
	for p := range b.Pages() {
		if !bytes.Equal(b.Page(p), zero[:]) {
			return errors.New("memory that nobody wrote is not zero")
		}
	}
	return nil
}

const floorPiece = 256 << 10

// carry sends one block to another over a socket.
func carry(network, address string, from, to *memory.Block) error {
	l, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	defer l.Close()
	sent := make(chan error, 1)
	go func() { sent <- send(network, l.Addr().String(), from.Bytes()) }()
	in, err := l.Accept()
	if err != nil {
		return err
	}
	defer in.Close()
	for rest := to.Bytes(); len(rest) > 0 && err == nil; rest = rest[min(floorPiece, len(rest)):] {
		_, err = io.ReadFull(in, rest[:min(floorPiece, len(rest))])
	}
	return errors.Join(err, <-sent)
}

func send(network, address string, data []byte) error {
	out, err := net.Dial(network, address)
	if err != nil {
		return err
	}
	defer out.Close()
	for len(data) > 0 && err == nil {
		n := min(floorPiece, len(data))
		_, err = out.Write(data[:n])
		data = data[n:]
	}
	return err
}

// touch makes the pages of new memory.
func (s settings) touch(huge, all bool) error {
	b, err := memory.New("floor", uint64(s.size)<<20)
	if err != nil {
		return err
	}
	defer b.Close()
	if all {
		return b.MakeReady(0, b.Pages())
	}
	if huge {
		b.AdviseHuge()
	}
	for p := range b.Pages() {
		b.Page(p)[0] = 1
	}
	return nil
}
