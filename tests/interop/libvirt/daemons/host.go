package daemons

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

const (
	startTime = 2 * time.Minute // until libvirtd listens, on a busy machine
	pollTime  = 20 * time.Millisecond
)

// A Host is a libvirtd, the domains it runs, and what they see of the machine.
type Host struct {
	Name    string
	Address string // in the network of its Pair
	layout  layout
	first   *exec.Cmd // process 1
	words   io.WriteCloser
	answers *bufio.Scanner
}

// startHost starts a host in the network of another, or in a new one. Its folder has to be short: libvirt makes
// sockets in it.
func startHost(name, address string, l layout, network *Host) (*Host, error) {
	h := &Host{Name: name, Address: address, layout: l}
	if err := l.configure(uuid.NewString(), address); err != nil {
		return nil, err
	}
	text, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	h.first = exec.Command("/proc/self/exe")
	h.first.Env = append(l.environment(), layoutEnv+"="+string(text))
	h.first.Stderr = os.Stderr
	h.first.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:    true,
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWPID | unix.CLONE_NEWIPC,
	}
	if network == nil {
		h.first.SysProcAttr.Cloneflags |= unix.CLONE_NEWNET
	}
	if h.words, err = h.first.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := h.first.StdoutPipe()
	if err != nil {
		return nil, err
	}
	h.answers = bufio.NewScanner(out)
	if err := startIn(network, h.first); err != nil {
		return nil, fmt.Errorf("host %s: %w", name, err)
	}
	if err := h.answered(); err != nil {
		h.Close()
		return nil, err
	}
	if err := h.StartDaemon(); err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

// startIn starts a command in the network of a host.
func startIn(network *Host, cmd *exec.Cmd) error {
	if network == nil {
		return cmd.Start()
	}
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		result <- func() error {
			ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", network.first.Process.Pid))
			if err != nil {
				return err
			}
			defer ns.Close()
			if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
			return cmd.Start()
		}()
	}()
	return <-result
}

// say tells process 1 a word and waits until it has done so.
func (h *Host) say(word string) error {
	if _, err := io.WriteString(h.words, word+"\n"); err != nil {
		return fmt.Errorf("host %s: %s: %w", h.Name, word, err)
	}
	return h.answered()
}

func (h *Host) answered() error {
	if !h.answers.Scan() {
		return fmt.Errorf("host %s has ended: %w", h.Name, errors.Join(h.answers.Err(), io.EOF))
	}
	if text := h.answers.Text(); text != wordDone {
		return fmt.Errorf("host %s: %s", h.Name, text)
	}
	return nil
}

// StartDaemon starts libvirtd and waits until it listens.
func (h *Host) StartDaemon() error {
	if err := h.say(wordStart); err != nil {
		return err
	}
	path := filepath.Join(h.layout.Dir, "run/libvirt/libvirt-sock")
	for end := time.Now().Add(startTime); ; time.Sleep(pollTime) {
		c, err := net.Dial("unix", path)
		if err == nil {
			return c.Close()
		}
		if time.Now().After(end) {
			return fmt.Errorf("host %s: libvirtd does not listen: %w\n%s", h.Name, err, h.Log())
		}
	}
}

// StopDaemon ends libvirtd and leaves domains running.
func (h *Host) StopDaemon() error { return h.say(wordStop) }

// Close ends everything on the host.
func (h *Host) Close() {
	_ = h.words.Close() // the word for it
	_ = h.first.Wait()  // it is killed where it does not obey
}

// Command returns a command that runs inside, and that ctx ends.
func (h *Host) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "nsenter", append([]string{
		"--target", fmt.Sprint(h.first.Process.Pid), "--mount", "--uts", "--ipc", "--net", "--pid", "--", name,
	}, args...)...)
	cmd.Env = h.layout.environment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	return cmd
}

// Virsh runs virsh on the host's libvirtd and returns what it prints. The error has what it complains of.
func (h *Host) Virsh(ctx context.Context, args ...string) (string, error) {
	cmd := h.Command(ctx, "/usr/bin/virsh", append([]string{"--quiet", "--connect", "qemu:///system"}, args...)...)
	var out, complaint strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return out.String(), fmt.Errorf("%s: virsh %s: %w: %s", h.Name, strings.Join(args, " "), err,
			strings.TrimSpace(complaint.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// URI is where libvirts of the same pair reach this one.
func (h *Host) URI() string { return "qemu+tcp://" + h.Address + "/system" }

// Log returns what libvirtd has logged, and what it has printed.
func (h *Host) Log() string {
	var all strings.Builder
	for _, name := range []string{"var/log/libvirtd.log", outputPath} {
		text, err := os.ReadFile(filepath.Join(h.layout.Dir, name))
		if err == nil {
			all.Write(text)
		}
	}
	return all.String()
}

// DomainLog returns what the emulators of a domain have printed.
func (h *Host) DomainLog(domain string) string {
	text, err := os.ReadFile(filepath.Join(h.layout.Dir, "var/log/libvirt/qemu", domain+".log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}
