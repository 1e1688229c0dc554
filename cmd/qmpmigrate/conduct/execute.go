package conduct

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/digitalocean/go-qemu/qmp"

	"qmpmigrate/cmd/qmpmigrate/monitor"
)

// commandTime is what a command gets until its reply must have come. A QEMU
// with a busy main loop answers after seconds.
const commandTime = 10 * time.Second

// ErrGone says that an endpoint's QMP connection has ended, as it does when the
// process ends.
var ErrGone = monitor.ErrEnded

// CommandError is a command that an endpoint refused.
type CommandError struct {
	Endpoint string
	Command  string
	Class    string // "GenericError", "CommandNotFound", ...
	Desc     string // the endpoint's words
}

func (e *CommandError) Error() string {
	return fmt.Sprintf("%s: %s: %s", e.Endpoint, e.Command, e.Desc)
}

// Execute runs a command with args (whatever encodes as a JSON object; nil for
// none) and decodes what it returns into result, unless that is nil.
//
// A refused command is a *CommandError. Where no reply came the error is ErrGone
// or the context's cause, and the connection is closed: a reply that comes late
// would be taken for the next command's.
func (e *Endpoint) Execute(ctx context.Context, command string, args, result any) error {
	request, err := json.Marshal(qmp.Command{Execute: command, Args: args})
	if err != nil {
		return fmt.Errorf("%s: %s: %w", e.name, command, err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, commandTime, fmt.Errorf("no reply within %v", commandTime))
	defer cancel()
	type answer struct {
		reply []byte
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		reply, err := e.monitor.Run(request)
		answered <- answer{reply, err}
	}()
	select {
	case a := <-answered:
		if a.err != nil {
			return e.failed(command, a.err)
		}
		return e.decode(command, a.reply, result)
	case <-ctx.Done():
		_ = e.Close()
		return fmt.Errorf("%s: %s: %w", e.name, command, context.Cause(ctx))
	}
}

func (e *Endpoint) decode(command string, reply []byte, result any) error {
	if result == nil {
		return nil
	}
	r := struct {
		Return any `json:"return"`
	}{result}
	if err := json.Unmarshal(reply, &r); err != nil {
		return fmt.Errorf("%s: %s returned what is not expected: %w", e.name, command, err)
	}
	return nil
}

// failed tells a command that was refused from a connection that broke.
func (e *Endpoint) failed(command string, err error) error {
	var refused *monitor.Error
	if errors.As(err, &refused) {
		return &CommandError{Endpoint: e.name, Command: command, Class: refused.Class, Desc: refused.Desc}
	}
	_ = e.Close()
	return fmt.Errorf("%s: %s: %w", e.name, command, ErrGone)
}
