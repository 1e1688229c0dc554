package vmstate

import "qmpmigrate/core/stream"

// scalarCodec finds the codec of T. It is looked up once per field, not per value.
func scalarCodec[T Scalar]() codec[T] {
	var c any
	switch any(*new(T)).(type) {
	case bool:
		c = codec[bool]{"bool", putBool, getBool}
	case int8:
		c = codec[int8]{"int8", func(w *stream.Writer, v int8) { w.U8(uint8(v)) },
			func(r *stream.Reader, _ int8) (int8, error) { return int8(r.U8()), nil }}
	case int16:
		c = codec[int16]{"int16", func(w *stream.Writer, v int16) { w.U16(uint16(v)) },
			func(r *stream.Reader, _ int16) (int16, error) { return int16(r.U16()), nil }}
	case int32:
		c = codec[int32]{"int32", func(w *stream.Writer, v int32) { w.U32(uint32(v)) },
			func(r *stream.Reader, _ int32) (int32, error) { return int32(r.U32()), nil }}
	case int64:
		c = codec[int64]{"int64", func(w *stream.Writer, v int64) { w.U64(uint64(v)) },
			func(r *stream.Reader, _ int64) (int64, error) { return int64(r.U64()), nil }}
	case uint8:
		c = codec[uint8]{"uint8", (*stream.Writer).U8,
			func(r *stream.Reader, _ uint8) (uint8, error) { return r.U8(), nil }}
	case uint16:
		c = codec[uint16]{"uint16", (*stream.Writer).U16,
			func(r *stream.Reader, _ uint16) (uint16, error) { return r.U16(), nil }}
	case uint32:
		c = codec[uint32]{"uint32", (*stream.Writer).U32,
			func(r *stream.Reader, _ uint32) (uint32, error) { return r.U32(), nil }}
	case uint64:
		c = codec[uint64]{"uint64", (*stream.Writer).U64,
			func(r *stream.Reader, _ uint64) (uint64, error) { return r.U64(), nil }}
	}
	return c.(codec[T])
}

func putBool(w *stream.Writer, v bool) {
	if v {
		w.U8(1)
		return
	}
	w.U8(0)
}

func getBool(r *stream.Reader, _ bool) (bool, error) { return r.U8() != 0, nil }
