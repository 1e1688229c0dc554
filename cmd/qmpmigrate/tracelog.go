package main

import (
	"io"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"qmpmigrate/core/trace"
)

// newTraceLog gives what writes trace events to out: each a line of JSON with
// the time, the event's name, and QEMU's arguments by their names. threads adds
// the id of the thread that told.
func newTraceLog(out io.Writer, threads bool) trace.Sink {
	log := zerolog.New(zerolog.SyncWriter(out))
	return func(name trace.Name, fields []trace.Field) {
		e := log.Log().Str("time", time.Now().UTC().Format(traceTime))
		if threads {
			e.Int("thread", unix.Gettid())
		}
		e.Str("event", string(name))
		for i := range fields {
			traceField(e, &fields[i])
		}
		e.Send()
	}
}

// traceTime has as many digits as QEMU's log has.
const traceTime = "2006-01-02T15:04:05.000000Z07:00"

func traceField(e *zerolog.Event, f *trace.Field) {
	switch f.Kind {
	case trace.KindInt:
		e.Int64(f.Key, f.Int())
	case trace.KindUint:
		e.Uint64(f.Key, f.Uint())
	case trace.KindBool:
		e.Bool(f.Key, f.Bool())
	default:
		e.Str(f.Key, f.Text())
	}
}
