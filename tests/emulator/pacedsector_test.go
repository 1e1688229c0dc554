package emulator

import (
	"encoding/binary"
	"testing"
	"time"
)

// The guest keeps its pace, and comes to all pages before it comes to one again.
func TestPacedGuest(t *testing.T) {
	const memory, rate = 64, 16 << 20
	args, err := PacedGuestArgs(t.TempDir(), "pc-i440fx-10.0", memory, rate)
	Must(t, err)
	e := Launch(t, NeedQEMU(t, "10.0"), "guest", args...)
	Must(t, e.WaitBooted(t.Context()))
	// counters are how often each page was written.
	counters := func() (written, least, most uint32) {
		t.Helper()
		Must(t, e.Execute(t.Context(), "stop", nil, nil))
		data, err := e.ReadMemory(t.Context(), 0, memory<<20)
		Must(t, err)
		Must(t, e.Execute(t.Context(), "cont", nil, nil))
		least = 1 << 31
		for at := uint32(pacedFirst); at < memory<<20; at += GuestStride {
			n := binary.LittleEndian.Uint32(data[at:]) - at
			written, least, most = written+n, min(least, n), max(most, n)
		}
		return written, least, most
	}
	before, _, _ := counters()
	began := time.Now()
	var after uint32
	for after < before+4<<20/GuestStride {
		time.Sleep(50 * time.Millisecond)
		var least, most uint32
		if after, least, most = counters(); most > least+1 {
			t.Fatalf("pages were written from %d to %d times", least, most)
		}
	}
	perSecond := float64(after-before) * GuestStride / time.Since(began).Seconds()
	t.Logf("%.0f MiB/s", perSecond/(1<<20))
	if perSecond > rate*1.1 {
		t.Errorf("the guest writes %.0f bytes a second, and should %d", perSecond, rate)
	}
}

func TestPaceOutOfReach(t *testing.T) {
	for _, rate := range []int64{1, 1 << 40} {
		if _, err := PacedSector(64<<20, rate); err == nil {
			t.Errorf("a guest that writes %d bytes a second was made", rate)
		}
	}
}
