package cmdline

import (
	"errors"
	"strings"
)

// This file reads the device strings of -qmp, -monitor, -serial and -qtest: a prefix that names the kind, then
// whatever that kind wants. The result are the keys that -chardev would have been given.

// errNotADevice is the failure of a device string about which there is nothing more to say; the option has a line of
// its own for that.
var errNotADevice = errors.New("not a device string")

// parseDevice fills o, a fresh entry of the chardev group.
func parseDevice(o *opts, text string) error {
	if rest, ok := strings.CutPrefix(text, "mon:"); ok {
		text = rest
		o.put("mux", "on")
		if text == "stdio" {
			o.put("signal", "off") // Ctrl-C is for the guest
		}
	}
	for _, d := range deviceForms() {
		rest, ok := strings.CutPrefix(text, d.prefix)
		if !ok || d.whole && rest != "" {
			continue
		}
		o.put("backend", d.backend)
		if d.read == nil {
			return nil
		}
		return d.read(o, rest)
	}
	return fail("'%s' is not a valid char driver", text)
}

// deviceForm is one kind of device string.
type deviceForm struct {
	prefix  string
	whole   bool // nothing may follow the prefix
	backend string
	read    func(o *opts, rest string) error
}

func deviceForms() []deviceForm {
	return []deviceForm{
		{prefix: "null", whole: true, backend: "null"},
		{prefix: "pty", whole: true, backend: "pty"},
		{prefix: "stdio", whole: true, backend: "stdio"},
		{prefix: "vc", backend: "vc", read: readConsole},
		{prefix: "file:", backend: "file", read: readPath},
		{prefix: "pipe:", backend: "pipe", read: readPath},
		{prefix: "pty:", backend: "pty", read: readPath},
		{prefix: "unix:", backend: "socket", read: readUnix},
		{prefix: "tcp:", backend: "socket", read: readTCP("")},
		{prefix: "telnet:", backend: "socket", read: readTCP("telnet")},
		{prefix: "tn3270:", backend: "socket", read: readTCP("tn3270")},
		{prefix: "websocket:", backend: "socket", read: readTCP("websocket")},
		{prefix: "udp:", backend: "udp", read: readUDP},
		{prefix: "/dev/", backend: "serial", read: readTTY},
	}
}

// complain adds an option's own line to the failure of its device string.
func complain(err error, line string) error {
	if errors.Is(err, errNotADevice) {
		return fail("%s", line)
	}
	if e, ok := errors.AsType[*Error](err); ok {
		e.Then = line
	}
	return err
}

// put sets a key that needs no check.
func (o *opts) put(name, value string) { o.items = append(o.items, item{key: name, value: value}) }

// readPath takes everything for the path, commas too.
func readPath(o *opts, rest string) error {
	o.put("path", rest)
	return nil
}

func readTTY(o *opts, rest string) error { return readPath(o, "/dev/"+rest) }

func readUnix(o *opts, rest string) error { return o.parse(rest, "path", nil) }

// readConsole takes the size of a virtual console, in pixels (:800x600) or characters (:80Cx24C).
func readConsole(o *opts, rest string) error {
	if !strings.HasPrefix(rest, ":") {
		return nil
	}
	columns, rows, ok := strings.Cut(rest[1:], "x")
	keys := [2]string{"width", "height"}
	if strings.HasSuffix(columns, "C") && strings.HasSuffix(rows, "C") {
		columns, rows = columns[:len(columns)-1], rows[:len(rows)-1]
		keys = [2]string{"cols", "rows"}
	}
	if !ok || !isIndex(columns) || !isIndex(rows) || len(columns) > 7 || len(rows) > 7 {
		return errNotADevice
	}
	o.put(keys[0], columns)
	o.put(keys[1], rows)
	return nil
}
