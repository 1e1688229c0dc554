package inspect

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Sizes of ADVISE and of the number of bytes in a package.
const (
	adviseSize      = 16
	packageSizeSize = 4
)

func (in *input) command(start int64) error {
	code, size := wire.CommandCode(in.r.U16()), in.r.U16()
	payload := in.r.Bytes(int(size))
	if err := in.r.Err(); err != nil {
		return in.fail("command", err)
	}
	want, fixed := code.PayloadSize()
	switch {
	case !code.Known():
		return in.fail("command", fmt.Errorf("MIG_CMD 0x%x unknown (len 0x%x)", uint16(code), size))
	case fixed && int(size) != want:
		return in.fail("command", fmt.Errorf("%s received with bad length - expecting %d, got %d", code, want, size))
	}
	if err := in.add(Element{Kind: KindCommand, Command: code, Payload: payload}, start); err != nil {
		return err
	}
	switch {
	case code == wire.CmdPostcopyAdvise && size == adviseSize:
		in.ram.pageSizes = binary.BigEndian.Uint64(payload)
	case code == wire.CmdPackaged && size == packageSizeSize:
		return in.pack(binary.BigEndian.Uint32(payload))
	}
	return nil
}

// pack reads the package that follows the command: elements without header and EOF.
func (in *input) pack(size uint32) error {
	start := in.at()
	if in.packaged {
		return in.fail("package", fmt.Errorf("package inside a package"))
	}
	if size > maxPackage {
		return in.fail("package", fmt.Errorf("%d bytes are more than %d", size, maxPackage))
	}
	data := in.r.Bytes(int(size))
	if err := in.r.Err(); err != nil {
		return in.fail("package", err)
	}
	e := Element{Kind: KindPackage}
	inner := *in
	inner.r, inner.base = stream.NewReader(bytes.NewReader(data)), start
	inner.list, inner.packaged = &e.Package, true
	for inner.r.Offset() < int64(size) {
		kind, err := inner.element()
		if err == nil && kind == wire.EOF {
			err = inner.fail("package", fmt.Errorf("Unknown savevm section type %d", kind))
		}
		if err != nil {
			return err
		}
	}
	in.state, in.elements, in.ram, in.postcopy = inner.state, inner.elements, inner.ram, true
	return in.add(e, start)
}
