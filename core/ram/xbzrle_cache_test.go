package ram

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/xbzrle"
)

// A size that cannot be had ends a migration before it begins, and is refused to one that goes on with the cache that it has.
func TestXBZRLECacheThatCannotBe(t *testing.T) {
	s := NewSaver(source(t, 1), &Stats{}, Options{XBZRLE: func() uint64 { return 1 << 62 }})
	defer s.Close()
	w := stream.NewWriter(&bytes.Buffer{})
	if err := s.Start(w, time.Now()); err != nil || !errors.Is(w.Err(), xbzrle.ErrTooLarge) {
		t.Errorf("started with %v and %v", err, w.Err())
	}
	if err := CheckXBZRLE(1 << 62); !errors.Is(err, xbzrle.ErrTooLarge) {
		t.Errorf("checked with %v", err)
	}
	if err := CheckXBZRLE(1 << 20); err != nil {
		t.Error(err)
	}
	o := goOut(t, 1<<20, 1)
	defer o.close()
	o.iterate()
	o.cache = 1 << 62
	scribble(o.src[0], 0, 1)
	o.sync()
	o.iterate()
	o.same()
	if o.way.cache.Size() != 1<<20 {
		t.Error("the cache is gone")
	}
}
