package daemons

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// layoutEnv holds a host's layout, as JSON, in the environment of its first process.
const layoutEnv = "QMPMIGRATE_LIBVIRT_HOST"

// What a host's first process is told on its standard input, a word a line. Each is answered with a line: done, or
// what went wrong. The end of the input is the end of the host.
const (
	wordStart = "start" // the daemon
	wordStop  = "stop"  // the daemon, and nothing else
	wordDone  = "done"
)

// Inside does not return in the first process of a host.
func Inside() {
	text := os.Getenv(layoutEnv)
	if text == "" {
		return
	}
	var l layout
	err := json.Unmarshal([]byte(text), &l)
	if err == nil {
		err = l.enter()
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	obey(&l)
}

// obey is the life of process 1 of a host, with which all others end.
func obey(l *layout) {
	orphans := make(chan os.Signal, 1)
	signal.Notify(orphans, syscall.SIGCHLD)
	words := make(chan string)
	go func() {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			words <- lines.Text()
		}
		close(words)
	}()
	fmt.Println(wordDone)
	daemon, stopping := 0, false
	for {
		select {
		case word, more := <-words:
			var err error
			switch {
			case !more:
				os.Exit(0)
			case word == wordStart:
				daemon, err = l.startDaemon()
			case daemon == 0:
				err = fmt.Errorf("no daemon to %s", word)
			default:
				err = unix.Kill(daemon, unix.SIGTERM)
				stopping = err == nil
			}
			if err != nil {
				fmt.Println(err)
			} else if !stopping {
				fmt.Println(wordDone)
			}
		case <-orphans:
			for {
				pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
				if err != nil || pid <= 0 {
					break
				}
				if pid != daemon {
					continue
				}
				daemon = 0
				if stopping {
					stopping = false
					fmt.Println(wordDone)
				}
			}
		}
	}
}

// startDaemon starts libvirtd, whose end Wait4 tells.
func (l *layout) startDaemon() (pid int, err error) {
	log, err := os.OpenFile(outputPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	cmd := exec.Command("/usr/sbin/libvirtd", "--listen", "--config", "/etc/libvirt/libvirtd.conf", "--pid-file", "/run/libvirtd.pid")
	cmd.Env = append(l.environment(), "LIBVIRT_DEBUG=4")
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, "/"
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	return cmd.Process.Pid, nil
}
