package shell

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/digitalocean/go-qemu/qmp"
	"golang.org/x/term"

	"qmpmigrate/cmd/qmpmigrate/monitor"
)

// Console is a person's terminal.
type Console struct {
	In  io.Reader // ends when the terminal does
	Out io.Writer
	// Raw gives every key to the shell until what it returns is called. In
	// between Ctrl-C is a signal.
	Raw func() (restore func(), err error)
	// Size tells the terminal's; nil is 80x24.
	Size func() (width, height int, err error)
	// Interrupted is told of Ctrl-C while a command waits for its reply.
	Interrupted <-chan os.Signal
	// History is the file with the lines of other sessions; empty is none.
	History string
}

// Interact lets a person talk to the server, until one of the two leaves. dial
// connects to it and lets events be shown.
func Interact(c Config, console Console, dial func(show func(qmp.Event)) (*monitor.Monitor, error)) error {
	i := &interaction{Console: console}
	i.terminal = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{&keys{console.In}, console.Out}, "")
	c.Out, c.Errs = i.terminal, i.terminal
	var err error
	if c.Peer, err = dial(func(e qmp.Event) { showEvent(i.terminal, e) }); err != nil {
		return err
	}
	defer func() { _ = c.Peer.Disconnect() }()
	fmt.Fprintf(i.terminal, "Connected to version %s; help explains, exit leaves.\n", c.Peer.Version)
	if i.shell, err = New(c); err != nil {
		return err
	}
	i.terminal.SetPrompt(i.shell.prompt())
	i.terminal.AutoCompleteCallback = i.key
	i.terminal.History = openHistory(console.History)
	return i.run()
}

type interaction struct {
	Console
	shell    *Shell
	terminal *term.Terminal
}

func (i *interaction) run() error {
	for {
		line, err := i.readLine()
		switch {
		case errors.Is(err, io.EOF):
			fmt.Fprintln(i.Out)
			select {
			case <-i.shell.Peer.Ended():
				fmt.Fprintf(i.Out, "%v\n", monitor.ErrEnded)
			default:
			}
			return nil
		case err != nil:
			return err
		}
		if i.do(line) {
			return nil
		}
	}
}

func (i *interaction) readLine() (string, error) {
	if i.Size != nil {
		if width, height, err := i.Size(); err == nil && width > 0 {
			i.shell.width = width
			_ = i.terminal.SetSize(width, height)
		}
	}
	restore, err := i.Raw()
	if err != nil {
		return "", err
	}
	defer restore()
	return i.terminal.ReadLine()
}

// do carries out a line until it is done, or nobody wants to wait for it.
func (i *interaction) do(line string) (leave bool) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, leave = i.shell.Do(ctx, line)
	}()
	for {
		select {
		case <-i.Interrupted:
			cancel()
		case <-done:
			return leave
		}
	}
}

// Keys that mean something here and nothing to x/term, which takes Ctrl-C for
// the end.
const (
	keyTab   = '\t'
	keyCtrlC = 3
	keyClear = 28 // Ctrl-\, which Ctrl-C is turned into
)

// keys turns Ctrl-C into a key that clears the line.
type keys struct{ in io.Reader }

func (k *keys) Read(p []byte) (int, error) {
	n, err := k.in.Read(p)
	for i := range n {
		if p[i] == keyCtrlC {
			p[i] = keyClear
		}
	}
	return n, err
}

// key completes, or clears the line.
func (i *interaction) key(line string, pos int, key rune) (string, int, bool) {
	switch key {
	case keyClear:
		return "", 0, true
	case keyTab:
	default:
		return "", 0, false
	}
	c := i.shell.complete(line[:pos])
	replacement := c.common()
	switch {
	case len(c.list) == 0:
		return line, pos, true
	case len(c.list) == 1:
		replacement += c.finish
	case c.begin+len(replacement) == pos:
		_, _ = io.WriteString(i.terminal, columns(c.list, i.shell.width))
		return line, pos, true
	}
	before := line[:c.begin] + replacement
	return before + line[pos:], len(before), true
}

// showEvent writes an event in one line.
func showEvent(w io.Writer, e qmp.Event) {
	at := time.Unix(e.Timestamp.Seconds, e.Timestamp.Microseconds*1000)
	text := at.Format("15:04:05.000000") + " " + e.Event
	if len(e.Data) > 0 {
		data, _ := json.Marshal(e.Data) // it came as JSON
		text += " " + string(data)
	}
	_, _ = io.WriteString(w, text+"\n")
}
