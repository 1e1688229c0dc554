package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/digitalocean/go-qemu/qmp"
	"golang.org/x/term"

	"qmpmigrate/cmd/qmpmigrate/monitor"
	"qmpmigrate/cmd/qmpmigrate/shell"
)

const shellUsage = `usage: qmpmigrate shell SOCK [--hmp] [--pretty] [-c COMMAND]...

Talks to a QMP server, real QEMU or qmpmigrate: PATH, unix:PATH, tcp:HOST:PORT or
HOST:PORT. On a terminal Tab completes commands, arguments and values from the
server's own schema, and events are shown as they come; "help" explains the rest.
Elsewhere the standard input's lines are carried out, and a reply is one line.

  -c COMMAND   carry this out instead; may be repeated
  --hmp        the text monitor's commands, through human-monitor-command
  --pretty     replies over several lines, as on a terminal

Exit status: 0 all commands were a success, 1 one was not or there is no server,
2 bad usage. On a terminal it is 0 whatever the replies were.

Examples:
  qmpmigrate shell a.qmp
  qmpmigrate shell a.qmp -c query-status -c 'migrate uri=unix:/run/b.mig'
  qmpmigrate shell localhost:4444 --hmp -c 'info migrate'
  qmpmigrate shell a.qmp -c '{"execute": "query-version"}' | jq .return.qemu
`

// shellOptions are the verb's command line.
type shellOptions struct {
	address           string
	hmp, pretty, help bool
	commands          []string
}

func parseShell(args []string) (*shellOptions, error) {
	o := &shellOptions{}
	flags := flag.NewFlagSet("shell", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&o.hmp, "hmp", false, "")
	flags.BoolVar(&o.pretty, "pretty", false, "")
	flags.Func("c", "", func(line string) error { o.commands = append(o.commands, line); return nil })
	for {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			o.help = true
			return o, nil
		} else if err != nil {
			return nil, err
		}
		switch args = flags.Args(); {
		case len(args) > 0 && o.address != "":
			return nil, fmt.Errorf("unexpected argument %s", args[0])
		case len(args) > 0:
			o.address, args = args[0], args[1:]
		case o.address == "":
			return nil, errors.New("SOCK is missing")
		default:
			return o, nil
		}
	}
}

// shellMain is the verb shell; args are what follows it. It gives the exit status.
func shellMain(args []string, stdin, stdout *os.File, stderr io.Writer) int {
	o, err := parseShell(args)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "qmpmigrate shell: %v (qmpmigrate shell --help explains)\n", err)
		return statusUsage
	case o.help:
		_, _ = io.WriteString(stdout, shellUsage)
		return 0
	}
	ok := true
	if len(o.commands) == 0 && term.IsTerminal(int(stdin.Fd())) && isTerminal(stdout) {
		err = o.interact(stdin, stdout)
	} else {
		ok, err = o.batch(stdin, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintf(stderr, "qmpmigrate shell: %v\n", err)
	}
	if err != nil || !ok {
		return statusFailed
	}
	return 0
}

// greetingTime is what a server gets to accept a connection and to greet.
const greetingTime = 10 * time.Second

// dial connects to the server; show gets its events.
func (o *shellOptions) dial(show func(qmp.Event)) (*monitor.Monitor, error) {
	ctx, cancel := context.WithTimeout(context.Background(), greetingTime)
	defer cancel()
	peer, err := monitor.Dial(ctx, o.address)
	if err != nil {
		return nil, err
	}
	peer.OnEvent, peer.OOB = show, true
	late := context.AfterFunc(ctx, func() { _ = peer.Disconnect() })
	err = peer.Connect()
	switch late(); {
	case err != nil && ctx.Err() != nil:
		err = fmt.Errorf("no QMP greeting within %v; is another client connected?", greetingTime)
	case err != nil:
		err = fmt.Errorf("no QMP server: %w", err)
	default:
		return peer, nil
	}
	_ = peer.Disconnect()
	return nil, err
}

// batch carries out what the command line or the standard input says.
func (o *shellOptions) batch(stdin io.Reader, stdout, stderr io.Writer) (bool, error) {
	peer, err := o.dial(func(qmp.Event) {})
	if err != nil {
		return false, err
	}
	defer func() { _ = peer.Disconnect() }()
	s, err := shell.New(shell.Config{Peer: peer, HMP: o.hmp, Pretty: o.pretty, Out: stdout, Errs: stderr})
	if err != nil {
		return false, err
	}
	if len(o.commands) > 0 {
		stdin = strings.NewReader(strings.Join(o.commands, "\n"))
	}
	return s.Run(context.Background(), stdin)
}

// interact lets a person at a terminal do it.
func (o *shellOptions) interact(stdin, stdout *os.File) error {
	input, err := shell.NewInput(stdin)
	if err != nil {
		return err
	}
	defer input.Close()
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, syscall.SIGINT)
	defer signal.Stop(interrupted)
	console := shell.Console{
		In:          input,
		Out:         stdout,
		Raw:         func() (func(), error) { return raw(stdin) },
		Size:        func() (int, int, error) { return term.GetSize(int(stdout.Fd())) },
		Interrupted: interrupted,
		History:     historyPath(o.hmp),
	}
	return shell.Interact(shell.Config{HMP: o.hmp, Pretty: true}, console,
		func(show func(qmp.Event)) (*monitor.Monitor, error) {
			peer, err := o.dial(show)
			if err == nil {
				go func() {
					<-peer.Ended()
					input.End()
				}()
			}
			return peer, err
		})
}

func raw(terminal *os.File) (func(), error) {
	before, err := term.MakeRaw(int(terminal.Fd()))
	if err != nil {
		return nil, err
	}
	return func() { _ = term.Restore(int(terminal.Fd()), before) }, nil
}

// historyPath is where the lines of other sessions are; empty when nowhere.
func historyPath(hmp bool) string {
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	name := "qmp-history"
	if hmp {
		name = "hmp-history"
	}
	return filepath.Join(dir, "qmpmigrate", name)
}
