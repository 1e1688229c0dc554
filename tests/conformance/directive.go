package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/tests/emulator"
)

// direct carries out a directive. Those that return lines are exchanges.
func (p *player) direct(ctx context.Context, line string) ([]string, error) {
	w := words(line)
	rest := func(n int) string { // everything behind n words
		parts := strings.SplitN(line, " ", n+1)
		return parts[len(parts)-1]
	}
	args := slices.Concat(w[1:], []string{"", "", ""})
	switch w[0] {
	case "start": // NAME [OPTION...]: an emulator
		return p.start(args[0], w[2:])
	case "connect": // CLIENT PATH [qmp|hmp|raw]: one more connection; raw shows the greeting and does not negotiate
		if len(p.processes) == 0 {
			if _, err := p.start("vm", nil); err != nil {
				return nil, err
			}
		}
		return p.connect(ctx, args[0], args[1], args[2])
	case "close": // CLIENT
		if c := p.clients[args[0]]; c != nil {
			c.conn.Close()
			delete(p.clients, args[0])
		}
		return nil, nil
	case "needs": // ipv6|userfaultfd: what a host may lack, without which the script is not played
		return nil, nil
	case "mask": // MEMBER...: only the types of these members are compared
		for _, key := range w[1:] {
			p.normal.masks[key] = true
		}
		return nil, nil
	case "hide": // REGEXP: what it matches, or its group, counts for "*"
		re, err := regexp.Compile(rest(1))
		p.normal.hide = append(p.normal.hide, re)
		return nil, err
	case "drop": // REGEXP: lines in which it is found do not count
		re, err := regexp.Compile(rest(1))
		p.drop = append(p.drop, re)
		return nil, err
	case "exact": // lines are compared to the byte
		p.normal.exact = true
		return nil, nil
	case "no-passes": // of migrations are shown
		p.noPasses = true
		return nil, nil
	case "inline": // of clients to come: events are shown in their place among the replies
		p.inline = true
		return nil, nil
	case "wait": // CLIENT TEXT...: the events until one that holds all texts
		c, err := p.client(ctx, args[0])
		if err != nil {
			return []string{err.Error()}, nil
		}
		return c.takeEvents(p.patience(), w[2:]), nil
	case "read": // CLIENT N: so many lines that are still to come
		return p.read(ctx, args[0], args[1])
	case "until": // CLIENT TEXT REQUEST: the first reply with the text; other replies are not shown
		return p.until(ctx, args[0], args[1], rest(3))
	case "exit": // NAME: what the process says until its end, and its exit status
		return p.ended(ctx, p.processes[args[0]])
	case "status": // NAME: only its exit status, where what it says depends on the moment
		replies, err := p.ended(ctx, p.processes[args[0]])
		return replies[len(replies)-1:], err
	case "signal": // NAME NUMBER|NAME
		return nil, p.processes[args[0]].Signal(unix.SignalNum(args[1]))
	case "pass": // null|pipe|socket|PATH...: descriptors that go with the next request
		return nil, p.pass(w[1:])
	case "pages": // PATH N: a file of so many MiB in which no page is zero, for memory that takes its time
		n, err := strconv.Atoi(args[1])
		if err != nil {
			return nil, err
		}
		return nil, os.WriteFile(args[0], bytes.Repeat([]byte("page"), n<<20/4), 0o600)
	case "qcow2": // PATH N: an empty image of so many MiB
		qemu, err := emulator.QEMU("10.0")
		if err != nil {
			return nil, err
		}
		img := exec.CommandContext(ctx, filepath.Join(filepath.Dir(qemu.Path), "qemu-img"), "create", "-q", "-f", "qcow2", args[0], args[1]+"M")
		return nil, img.Run()
	case "fifo": // PATH
		return nil, syscall.Mkfifo(args[0], 0o600)
	case "write": // PATH TEXT
		return write(args[0], args[1], p.patience()), nil
	}
	return nil, fmt.Errorf("what is %q?", w[0])
}

// connect opens a connection.
func (p *player) connect(ctx context.Context, name, path, kind string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, waitTime)
	defer cancel()
	if !filepath.IsAbs(path) {
		path = filepath.Join(p.dir, path)
	}
	c, err := dial(ctx, path, kind == "hmp", p.inline)
	if err != nil {
		return []string{errNoAnswer.Error()}, nil
	}
	p.clients[name] = c
	switch kind {
	case "raw":
		c.wait(waitTime, func() bool { return len(c.replies) >= max(len(p.expected), 1) })
		if p.explore {
			p.settle(func() bool { return false })
		}
		return c.take(), nil
	case "hmp":
		c.takeText(waitTime)
	default:
		c.send(`{"execute": "qmp_capabilities"}`+"\n", nil)
		// QEMU greets twice who connects while it starts.
		c.wait(waitTime, func() bool { return slices.ContainsFunc(c.replies, isReply) })
		c.take()
	}
	return nil, nil
}

func (p *player) read(ctx context.Context, name, count string) ([]string, error) {
	c, err := p.client(ctx, name)
	if err != nil {
		return []string{err.Error()}, nil
	}
	var n int
	if _, err := fmt.Sscan(count, &n); err != nil {
		return nil, err
	}
	c.wait(p.patience(), func() bool { return len(c.replies) >= n })
	return c.take(), nil
}

func (p *player) until(ctx context.Context, name, text, request string) ([]string, error) {
	c, err := p.client(ctx, name)
	if err != nil {
		return []string{err.Error()}, nil
	}
	// A side whose replies never hold the text is not waited for, as where something else is known not to come.
	p.hopeless = p.hopeless || !strings.Contains(strings.Join(p.expected, "\n"), text)
	for deadline := time.Now().Add(p.patience()); ; time.Sleep(5 * time.Millisecond) {
		replies := p.ask(c, request+"\n", 1)
		last := len(replies) == 0 || replies[len(replies)-1] == eofLine || time.Now().After(deadline)
		if last || strings.Contains(strings.Join(replies, "\n"), text) {
			return p.settled(c, request+"\n", replies), nil
		}
	}
}

func (p *player) pass(kinds []string) error {
	for _, kind := range kinds {
		var fds [2]int
		var err error
		switch kind {
		case "pipe":
			err = unix.Pipe2(fds[:], unix.O_CLOEXEC)
		case "socket":
			fds, err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		case "null":
			kind = os.DevNull
			fallthrough
		default:
			fds[0], err = unix.Open(kind, unix.O_RDWR|unix.O_CREAT|unix.O_CLOEXEC, 0o600)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("%s: %w", kind, err))
		}
		p.files = append(p.files, os.NewFile(uintptr(fds[0]), kind))
		if fds[1] != 0 {
			unix.Close(fds[1])
		}
	}
	return nil
}

// write writes to a file, or to a FIFO as soon as somebody reads it.
func write(path, text string, patience time.Duration) []string {
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CREAT|unix.O_NONBLOCK|unix.O_CLOEXEC, 0o600)
		if errors.Is(err, unix.ENXIO) && time.Now().Before(deadline) {
			continue
		} else if err != nil {
			return []string{nobodyReads}
		}
		defer unix.Close(fd)
		_, _ = unix.Write(fd, []byte(text))
		return nil
	}
}
