package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/tests/emulator"
)

// A talk is what a monitor takes to answer.
type talk struct {
	roundTrip float64 // µs, median of requests that wait for each other's replies
	pipelined float64 // replies per second to requests that do not wait
	cpu       float64 // µs of the server's processor time per pipelined request
}

const (
	roundTrips = 2000 // in a measurement
	pipelined  = 5000 // requests in a measurement
)

// control asks idle servers, over a unix socket, for what harnesses ask most often.
func (s settings) control(ctx context.Context, dir string) (table, error) {
	t := table{
		title:   "QMP over a unix socket",
		columns: []string{"command", "", "round trip µs", "pipelined per s", "server CPU µs"},
	}
	qemu, err := s.startControl(ctx, s.qemu, filepath.Join(dir, "theirs"), "-accel", "tcg", "-machine", s.machine)
	if err != nil {
		return t, err
	}
	defer qemu.Close()
	server, err := s.startControl(ctx, s.server, filepath.Join(dir, "ours"), "-machine", "memtest")
	if err != nil {
		return t, err
	}
	defer server.Close()
	for _, command := range []string{"query-status", "query-migrate"} {
		progress("%s", command)
		theirs, ours, err := alternate(2*s.rounds+1,
			func() (talk, error) { return measureTalk(qemu, filepath.Join(dir, "theirs"), command) },
			func() (talk, error) { return measureTalk(server, filepath.Join(dir, "ours"), command) })
		if err != nil {
			return t, err
		}
		compare(&t, []string{command}, s.pair(), theirs, ours, []figure[talk]{
			{func(t talk) float64 { return t.roundTrip }, "%.1f"},
			{func(t talk) float64 { return t.pipelined }, "%.0f"},
			{func(t talk) float64 { return t.cpu }, "%.1f"},
		})
	}
	return t, nil
}

func (s settings) startControl(ctx context.Context, p emulator.Program, path string, args ...string) (*emulator.Emulator, error) {
	args = append(args, "-m", "16", "-nodefaults", "-S", "-qmp", "unix:"+path+",server=on,wait=off")
	return emulator.Start(ctx, p, "control", args...)
}

// measureTalk connects anew, so that every measurement meets a fresh client.
func measureTalk(e *emulator.Emulator, path, command string) (result talk, err error) {
	// Calls that block in a thread of their own measure the server rather than our poller.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c, err := dialBlocking(path)
	if err != nil {
		return result, err
	}
	defer unix.Close(c.fd)
	if err := c.take(1); err != nil { // the greeting
		return result, err
	}
	if err := c.ask(`{"execute": "qmp_capabilities"}` + "\n"); err != nil {
		return result, err
	}
	request := `{"execute": "` + command + `"}` + "\n"
	times := make([]time.Duration, roundTrips)
	for i := range times {
		begin := time.Now()
		if err := c.ask(request); err != nil {
			return result, err
		}
		times[i] = time.Since(begin)
	}
	slices.Sort(times)
	result.roundTrip = float64(times[roundTrips/2].Nanoseconds()) / 1000

	before, err := e.CPUTime()
	if err != nil {
		return result, err
	}
	batch := bytes.Repeat([]byte(request), pipelined)
	begin := time.Now()
	sent := make(chan error, 1)
	go func() { sent <- c.send(batch) }()
	err = c.take(pipelined)
	result.pipelined = pipelined / time.Since(begin).Seconds()
	if err = errors.Join(err, <-sent); err != nil {
		return result, err
	}
	after, err := e.CPUTime()
	result.cpu = float64((after - before).Microseconds()) / pipelined
	return result, err
}

// blockingConn is a socket that is used by plain system calls.
type blockingConn struct {
	fd  int
	buf []byte
}

func dialBlocking(path string) (*blockingConn, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	limit := unix.Timeval{Sec: 30}
	err = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit)
	if err == nil {
		err = unix.Connect(fd, &unix.SockaddrUnix{Name: path})
	}
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &blockingConn{fd, make([]byte, 64<<10)}, nil
}

func (c *blockingConn) send(b []byte) error {
	for len(b) > 0 {
		n, err := unix.Write(c.fd, b)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		b = b[max(n, 0):]
	}
	return nil
}

// take reads up to the end of the n-th message.
func (c *blockingConn) take(n int) error {
	for n > 0 {
		got, err := unix.Read(c.fd, c.buf)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return err
		case got == 0:
			return errors.New("the monitor was closed")
		default:
			n -= bytes.Count(c.buf[:got], []byte{'\n'})
		}
	}
	return nil
}

func (c *blockingConn) ask(request string) error {
	if err := c.send([]byte(request)); err != nil {
		return err
	}
	return c.take(1)
}
