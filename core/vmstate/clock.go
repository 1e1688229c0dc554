package vmstate

import (
	"math"

	"qmpmigrate/core/stream"
)

// NotArmed is the expiry of a timer that does not run.
const NotArmed int64 = -1

// Timer is when a timer expires, in nanoseconds of its own clock, or NotArmed.
func Timer(name string, expiry *int64, options ...Option) Field {
	return newField(name, &single[int64]{codec: timerCodec(), p: expiry}, options)
}

// TimerArray is several timers.
func TimerArray(name string, expiries []int64, options ...Option) Field {
	return newField(name, &array[int64]{codec: timerCodec(), s: func() []int64 { return expiries },
		max: len(expiries)}, options)
}

func timerCodec() codec[int64] {
	c := scalarCodec[int64]()
	c.typ = "timer"
	return c
}

// Float64 is a floating-point number: the upper half of its bits, then the
// lower half. Its type in descriptions is CPU_Double_U.
func Float64(name string, p *float64, options ...Option) Field {
	return newField(name, &single[float64]{codec: floatCodec(), p: p}, options)
}

// Float64Array is several floating-point numbers.
func Float64Array(name string, s []float64, options ...Option) Field {
	return newField(name, &array[float64]{codec: floatCodec(), s: func() []float64 { return s },
		max: len(s)}, options)
}

func floatCodec() codec[float64] {
	return codec[float64]{"CPU_Double_U",
		func(w *stream.Writer, v float64) { w.U64(math.Float64bits(v)) },
		func(r *stream.Reader, _ float64) (float64, error) { return math.Float64frombits(r.U64()), nil }}
}
