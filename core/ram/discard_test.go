package ram

import (
	"bytes"
	"math"
	"testing"
	"time"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Where all has been sent, one page is thrown away all the same, and sent once more.
func TestSomethingIsDiscarded(t *testing.T) {
	src := source(t, 5, 3)
	scribble(src[0], 0, 1)
	s := NewSaver(src, &Stats{}, Options{Postcopy: true})
	defer s.Close()
	w := stream.NewWriter(&bytes.Buffer{})
	now := time.Now()
	if err := s.Start(w, now); err != nil {
		t.Fatal(err)
	}
	src[0].SyncLog(memory.NewBitmap(5))
	if err := s.Iterate(w, func() int64 { return math.MaxInt64 }); err != nil {
		t.Fatal(err)
	}
	if left := s.Sync(now); left != 0 {
		t.Fatalf("%d bytes are due", left)
	}
	var told [][]byte
	s.Discards(func(payload []byte) { told = append(told, bytes.Clone(payload)) })
	want := wire.AppendDiscard(nil, "block0", []wire.Range{{Start: 0, Length: memory.PageSize}})
	if len(told) != 1 || !bytes.Equal(told[0], want) || s.Pending() != memory.PageSize {
		t.Errorf("told %x, due are %d bytes", told, s.Pending())
	}
}
