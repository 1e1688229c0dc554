package inspect

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func FuzzRead(f *testing.F) {
	f.Add(small(f))
	f.Add(mapped(f, 0)[:2<<20])
	f.Add(capture(f, "pc-postcopy-7.2.gz")[:4096])
	f.Add(capture(f, "pc-shared-10.0.gz")[:512])
	s := newBuilder().head("m").device(f, timerID, "timer", 0, timerState())
	f.Add(s.device(f, diskID, "disk", 0, diskState()).finish())
	f.Add(newBuilder().head("m").command(7, 0, 0, 0, 10).command(4).command(5).raw(0).b)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(bytes.NewReader(data))
		if _, ok := errors.AsType[*Error](err); err != nil && !ok {
			t.Errorf("%#v", err)
		}
		if err == nil {
			accounted(t, "fuzz", r, data)
		}
		r.WriteText(io.Discard)
		if err := r.WriteJSON(io.Discard, err); err != nil {
			t.Error(err)
		}
	})
}
