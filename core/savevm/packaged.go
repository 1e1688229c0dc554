package savevm

import (
	"bytes"
	"errors"
	"fmt"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
)

// maxPackage bounds a package, in bytes: the devices of a real machine are
// some tens of KiB, and of one with large graphics cards some tens of MiB.
const maxPackage = maxOpaque

// ErrHandedOver is what Packaged returns to end the loading of a package and of the stream
// around it: the VM is there, and what is left of the stream is for Rest.
var ErrHandedOver = errors.New("what is left of the stream is for another reader")

var (
	errOutOfPlace = errors.New("the section stands where none of its kind can")
	errNested     = errors.New("a package stands in a package")
	errNoRun      = errors.New("the package ended before the VM could run")
)

// unpack loads the package of size bytes that a command announced. Nothing of
// it is looked at before all of it is there, and memory grows with what comes.
func (l *Loader) unpack(r *stream.Reader, size uint32) error {
	if size > maxPackage {
		return fmt.Errorf("Unreasonably large packaged state: %d", size)
	}
	l.trace.packaged.Tell(trace.Uint("length", size))
	begin := r.Offset()
	body := r.Bytes(int(size))
	l.trace.received.Tell(trace.Int("ret", len(body)))
	if r.Err() != nil {
		return l.lost(r, "package")
	}
	err := l.inner().elements(stream.NewReader(bytes.NewReader(body)))
	l.trace.commanded(l.trace.unpacked, err)
	if e, ok := errors.AsType[*LoadError](err); ok {
		// Where it was in the stream, not in the package.
		e.Offset += begin
	}
	if err == nil {
		// The stream may be another's already: it is not asked where it is.
		return &LoadError{Section: "package", Unnamed: true, Offset: begin + int64(size), Err: errNoRun}
	}
	return err
}

// inner is a loader for a package: device state goes to the same machine, but
// no section that was begun before goes on there.
func (l *Loader) inner() *Loader {
	return &Loader{Format: l.Format, Target: l.Target, Command: l.inPackage, trace: l.trace, Timed: l.Timed,
		sections: map[uint32]*section{}, nested: true}
}

func (l *Loader) inPackage(code wire.CommandCode, payload []byte) error {
	if code == wire.CmdPackaged {
		return errNested
	}
	return l.Packaged(code, payload)
}

// Rest reads what is left of a stream whose package was handed over, or the
// stream of a channel that took its place: sections that were begun before, and
// commands, up to the EOF element. It may run beside the Load that met the package.
func (l *Loader) Rest(r *stream.Reader) error {
	l.rest = true
	return l.elements(r)
}

func isLoadError(err error) bool {
	_, ok := errors.AsType[*LoadError](err)
	return ok
}
