package emulator

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"
)

// The guest keeps its pace, and comes to all pages before it comes to one again.
func TestPacedGuest(t *testing.T) {
	const memory, rate = 64, 16 << 20
	args, err := PacedGuestArgs(t.TempDir(), "pc-i440fx-10.0", memory, rate)
	Must(t, err)
	e := Launch(t, NeedQEMU(t, "10.0"), "guest", args...)
	// What it missed while there was no processor for it the timer may make up for later, so all that the guest wrote
	// counts, and all the time in which it ran: from a moment at which it had not begun.
	var ran time.Duration
	resumed := time.Now()
	for end := resumed.Add(serialTime); ; time.Sleep(pollTime) {
		now := time.Now()
		if strings.HasPrefix(e.Serial(), "AB") {
			break
		}
		if resumed = now; now.After(end) {
			t.Fatal("the guest does not start")
		}
	}
	// counters are how often each page was written.
	counters := func() (written, least, most uint32) {
		t.Helper()
		Must(t, e.Execute(t.Context(), "stop", nil, nil))
		ran += time.Since(resumed)
		data, err := e.ReadMemory(t.Context(), 0, memory<<20)
		Must(t, err)
		resumed = time.Now()
		Must(t, e.Execute(t.Context(), "cont", nil, nil))
		least = 1 << 31
		for at := uint32(pacedFirst); at < memory<<20; at += GuestStride {
			n := binary.LittleEndian.Uint32(data[at:]) - at
			written, least, most = written+n, min(least, n), max(most, n)
		}
		return written, least, most
	}
	var written uint32
	for end := time.Now().Add(serialTime); written < 8<<20/GuestStride; time.Sleep(50 * time.Millisecond) {
		var least, most uint32
		if written, least, most = counters(); most > least+1 {
			t.Fatalf("pages were written from %d to %d times", least, most)
		}
		if time.Now().After(end) {
			t.Fatalf("%d pages were written", written)
		}
	}
	// The first tick is that of the timer as the firmware set it.
	perSecond := float64(written-pacedPages) * GuestStride / ran.Seconds()
	t.Logf("%.1f MiB/s", perSecond/(1<<20))
	if perSecond > rate*1.01 {
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
