package vmstate

import (
	"syscall"

	"qmpmigrate/core/stream"
)

// Uint8Equal is a value that must be the same on both sides: loading another
// one fails.
func Uint8Equal(name string, p *uint8, options ...Option) Field {
	return equal("uint8 equal", name, p, options)
}

// Uint16Equal is a value that must be the same on both sides.
func Uint16Equal(name string, p *uint16, options ...Option) Field {
	return equal("uint16 equal", name, p, options)
}

// Uint32Equal is a value that must be the same on both sides.
func Uint32Equal(name string, p *uint32, options ...Option) Field {
	return equal("uint32 equal", name, p, options)
}

// Uint64Equal is a value that must be the same on both sides. Its type in
// descriptions is "int64 equal", as QEMU has it.
func Uint64Equal(name string, p *uint64, options ...Option) Field {
	return equal(typeUint64Equal, name, p, options)
}

// Int32Equal is a value that must be the same on both sides.
func Int32Equal(name string, p *int32, options ...Option) Field {
	return equal("int32 equal", name, p, options)
}

func equal[T int32 | uint8 | uint16 | uint32 | uint64](typ, name string, p *T, options []Option) Field {
	plain := scalarCodec[T]()
	return newField(name, &single[T]{p: p, codec: codec[T]{typ: typ, put: plain.put,
		get: func(r *stream.Reader, local T) (T, error) {
			v, err := plain.get(r, local)
			if err == nil && r.Err() == nil && v != local {
				err = fail(syscall.EINVAL, "%x != %x", local, v)
			}
			return v, err
		}}}, options)
}

// Int32LE is a value from 0 to the local one, which it replaces.
func Int32LE(name string, p *int32, options ...Option) Field {
	plain := scalarCodec[int32]()
	return newField(name, &single[int32]{p: p, codec: codec[int32]{typ: "int32 le", put: plain.put,
		get: func(r *stream.Reader, local int32) (int32, error) {
			v, err := plain.get(r, local)
			if err == nil && r.Err() == nil && (v < 0 || v > local) {
				err = fail(syscall.EINVAL, "Invalid value %d expecting positive value <= %d", v, local)
			}
			return v, err
		}}}, options)
}
