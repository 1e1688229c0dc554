package cmdline

import (
	"slices"
	"strings"
)

// backend is a kind of character device: how its keys become a Chardev.
type backend struct {
	name  string
	build func(o *opts, c *Chardev) error // nil: nothing beyond the common keys
}

func backends() []backend {
	return []backend{
		{"file", buildFile},
		{"memory", buildRing},
		{"null", nil},
		{"pipe", buildPipe},
		{"pty", buildPTY},
		{"ringbuf", buildRing},
		{"serial", buildSerialPort},
		{"socket", buildSocket},
		{"stdio", buildStdio},
		{"udp", buildUDP},
		{"vc", nil},
	}
}

// foreignBackends are QEMU's other kinds.
func foreignBackends() []string {
	return []string{"hub", "msmouse", "mux", "parallel", "qemu-vdagent", "testdev", "wctablet"}
}

// buildChardev makes a Chardev of an entry of the chardev group.
func buildChardev(o *opts) (*Chardev, error) {
	name, named := o.lookup("backend")
	switch {
	case o.id == "":
		return nil, fail("chardev: no id specified")
	case !named:
		return nil, fail("chardev: \"%s\" missing backend", o.id)
	}
	for _, b := range backends() {
		if b.name != name {
			continue
		}
		c := &Chardev{
			ID: o.id, Backend: name, Where: o.where, FD: -1,
			Mux: o.bool("mux", false), LogFile: o.get("logfile"), LogAppend: o.bool("logappend", false),
		}
		if b.build != nil {
			if err := b.build(o, c); err != nil {
				return nil, err
			}
		}
		return c, nil
	}
	if slices.Contains(foreignBackends(), name) {
		return nil, fail("character device backend '%s' is not supported yet by this build", name)
	}
	return nil, fail("'%s' is not a valid char driver name", name)
}

// backendHelp is the answer to -chardev help.
func backendHelp() *Exit {
	var b strings.Builder
	b.WriteString("Available chardev backend types: \n")
	for _, known := range backends() {
		b.WriteString("  " + known.name + "\n")
	}
	return &Exit{Text: b.String()}
}

func buildFile(o *opts, c *Chardev) error {
	if !o.has("path") {
		return fail("chardev: file: no filename given")
	}
	c.Path, c.Input, c.Append = o.get("path"), o.get("input-path"), o.bool("append", false)
	return nil
}

func buildPipe(o *opts, c *Chardev) error {
	if !o.has("path") {
		return fail("chardev: pipe: no device path given")
	}
	c.Path = o.get("path")
	return nil
}

func buildPTY(o *opts, c *Chardev) error {
	c.Path = o.get("path")
	return nil
}

func buildSerialPort(o *opts, c *Chardev) error {
	if !o.has("path") {
		return fail("chardev: serial/tty: no device path given")
	}
	c.Path = o.get("path")
	return nil
}

const (
	defaultRing = 64 << 10
	maxRing     = 1 << 30 // more than a console ever says; keeps a typing error from taking all memory
)

func buildRing(o *opts, c *Chardev) error {
	if c.Size = o.size("size", 0); c.Size == 0 {
		c.Size = defaultRing
	}
	switch {
	case c.Size&(c.Size-1) != 0:
		return fail("size of ringbuf chardev must be power of two")
	case c.Size > maxRing:
		return fail("size of ringbuf chardev must not exceed %d bytes", maxRing)
	}
	return nil
}

func buildStdio(o *opts, c *Chardev) error {
	c.Signal = o.bool("signal", true)
	return nil
}

func buildUDP(o *opts, c *Chardev) error {
	if o.get("port") == "" {
		return fail("chardev: udp: remote port not specified")
	}
	c.Net, c.Host, c.Port = NetUDP, o.get("host"), o.get("port")
	c.LocalHost, c.LocalPort = o.get("localaddr"), o.get("localport")
	c.IPv4, c.IPv6 = o.optionalBool("ipv4"), o.optionalBool("ipv6")
	return nil
}
