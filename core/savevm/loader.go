package savevm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// Mover loads the bodies of an iterable section: START, any PARTs, END.
type Mover interface {
	Load(r *stream.Reader, version uint32) error
}

// Target is the machine that a stream is loaded into.
type Target interface {
	// Configure checks, or takes over, what the stream says of its machine.
	Configure(c *Configuration) error
	// Device finds the state that section idstr, instance loads into. ok is
	// false where the machine has none.
	Device(idstr string, instance uint32) (state State, ok bool)
	// Describe gets the text of the description at the end of the stream,
	// empty where there is none.
	Describe(text []byte) error
}

// Limits of what a stream may announce, besides RAM.
const (
	maxSections    = 1 << 16
	maxDescription = 16 << 20
)

// Loader reads one whole stream.
type Loader struct {
	Format
	Target Target
	// Live are the iterable sections that the machine has.
	Live []Live
	// Command carries out a command of the stream.
	Command func(code wire.CommandCode, payload []byte) error
	// Packaged carries out a command that came in a package; nil is for
	// streams that have none.
	Packaged func(code wire.CommandCode, payload []byte) error

	// Timed is told of each device's last section; nil is for nobody.
	Timed Timed

	sections map[uint32]*section
	recent   *section // the last one
	nested   bool     // loads a package
	rest     bool     // loads what follows the VM
	opaque   bodies   // of devices
	kept     bodies   // of iterable sections
	moves    bool     // an iterable section has begun that the machine has
	trace    loaderTrace
}

// Load reads from the header to the end of the stream, which it finds without
// waiting for the peer to close the channel. Errors are *LoadError, or
// ErrHandedOver.
func (l *Loader) Load(r *stream.Reader) error {
	l.sections = map[uint32]*section{}
	if err := l.header(r); err != nil {
		return err
	}
	if err := l.elements(r); err != nil {
		return err
	}
	l.trace.end.Tell(trace.Int("ret", 0))
	return l.description(r)
}

// elements reads sections and commands up to the EOF element.
func (l *Loader) elements(r *stream.Reader) error {
	for {
		kind := wire.SectionType(r.U8())
		l.trace.kind(r, kind)
		if r.Err() != nil {
			return l.lost(r, "section header")
		}
		began := time.Now()
		var err error
		switch kind {
		case wire.SectionStart, wire.SectionFull:
			err = l.first(r, kind)
		case wire.SectionPart, wire.SectionEnd:
			err = l.later(r, kind)
		case wire.Command:
			err = l.command(r)
		case wire.EOF:
			return nil
		default:
			err = fail(r, "section header", fmt.Errorf("Unknown savevm section type %d", kind))
		}
		if err != nil {
			return err
		}
		if lasts(kind) {
			l.Timed.time(l.trace.took, kind, l.recent.IDStr, l.recent.Instance, began)
		}
	}
}

func fail(r *stream.Reader, what string, err error) error {
	return &LoadError{Section: what, Unnamed: true, Offset: r.Offset(), Err: ended(err)}
}

// lost is the error of a reader that met the end, or a broken channel.
func (l *Loader) lost(r *stream.Reader, what string) error { return fail(r, what, r.Err()) }

func (l *Loader) header(r *stream.Reader) error {
	magic, version := r.U32(), r.U32()
	if r.Err() != nil {
		return l.lost(r, "header")
	}
	if err := wire.CheckHeader(magic, version); err != nil {
		return fail(r, "header", err)
	}
	if l.NoConfiguration {
		return nil
	}
	if kind := wire.SectionType(r.U8()); r.Err() != nil {
		return l.lost(r, "header")
	} else if kind != wire.Configuration {
		return fail(r, "header", errors.New("Configuration section missing"))
	}
	conf, err := loadConfiguration(r)
	if err == nil {
		err = l.Target.Configure(conf)
	}
	if err != nil {
		return fail(r, "configuration", err)
	}
	return nil
}

func (l *Loader) command(r *stream.Reader) error {
	code, size := wire.CommandCode(r.U16()), r.U16()
	if want, fixed := code.PayloadSize(); r.Err() == nil && fixed && int(size) != want {
		return fail(r, "command", fmt.Errorf("%s received with bad length - expecting %d, got %d", code, want, size))
	}
	payload := r.Bytes(int(size))
	if r.Err() != nil {
		return l.lost(r, "command")
	}
	if l.trace.command.On() {
		l.trace.command.Tell(trace.Str("s", code.String()), trace.Uint("len", size))
	}
	var err error
	if code == wire.CmdPackaged && l.Packaged != nil {
		err = l.unpack(r, binary.BigEndian.Uint32(payload))
	} else {
		err = l.Command(code, payload)
	}
	l.trace.commanded(l.trace.done, err)
	if err == nil || isLoadError(err) || errors.Is(err, ErrHandedOver) {
		return err
	}
	return fail(r, "command", err)
}

// description reads what follows the EOF element; the target decides about a
// stream that ends without it.
func (l *Loader) description(r *stream.Reader) error {
	next, err := r.Peek(1)
	switch {
	case errors.Is(err, io.EOF):
		return l.describe(r, nil)
	case err != nil:
		return fail(r, "vmdescription", err)
	case wire.SectionType(next[0]) != wire.VMDescription:
		return fail(r, "vmdescription", fmt.Errorf("Expected vmdescription section, but got %d", next[0]))
	}
	r.Skip(1)
	n := r.U32()
	if n > maxDescription {
		return fail(r, "vmdescription", fmt.Errorf("length %d is above the limit", n))
	}
	text := r.Bytes(int(n))
	if r.Err() != nil {
		return l.lost(r, "vmdescription")
	}
	return l.describe(r, text)
}

func (l *Loader) describe(r *stream.Reader, text []byte) error {
	if err := l.Target.Describe(text); err != nil {
		return fail(r, "vmdescription", err)
	}
	return nil
}
