package cmdline

import (
	"errors"
	"io"
)

// Topic names a text that only the rest of the program knows.
type Topic string

// The topics of an Exit.
const (
	TopicNone              Topic = ""
	TopicVersion           Topic = "version"            // the two lines of -version
	TopicTraceEvents       Topic = "trace events"       // all names, one a line
	TopicMachineProperties Topic = "machine properties" // of the type in Exit.Subject
	TopicDevices           Topic = "devices"            // that have an effect, one a line
	TopicDeviceProperties  Topic = "device properties"  // of the model in Exit.Subject
)

// Exit is the error of a command line that asks for a text instead of a server: -h, -version, -machine help.
type Exit struct {
	Status  int    // of the process: 0, and 1 for the lists that QEMU gives that status
	Topic   Topic  // what to print before Text
	Subject string // what Topic is about
	Text    string // for stdout, complete lines
}

func (e *Exit) Error() string { return "help was asked for" }

// Texts supplies what Topic names; a missing function prints nothing.
type Texts map[Topic]func(subject string) string

// Report prints err the way the process shall end with it and returns the exit status: an Exit on stdout, anything
// else on stderr. A nil error prints nothing and has status 0.
func Report(prog string, err error, texts Texts, stdout, stderr io.Writer) (status int) {
	if err == nil {
		return 0
	}
	if exit, ok := errors.AsType[*Exit](err); ok {
		if text := texts[exit.Topic]; text != nil {
			_, _ = io.WriteString(stdout, text(exit.Subject))
		}
		_, _ = io.WriteString(stdout, exit.Text)
		return exit.Status
	}
	if failure, ok := errors.AsType[*Error](err); ok {
		_, _ = io.WriteString(stderr, failure.Render(prog))
		return 1
	}
	_, _ = io.WriteString(stderr, (&Error{Text: err.Error()}).Render(prog))
	return 1
}
