package core

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// What no destination says in postcopy leads to the pause: the VM is not lost,
// and does not run twice.
func TestHostileFollower(t *testing.T) {
	ask := func(block string, start uint64, length uint32) []byte {
		return wire.AppendPageRequest(nil, block, start, length)
	}
	const size = 300 * 4096
	for name, c := range map[string]struct {
		says []byte
		want string
	}{
		"another block":  {ask("pc.ram", 0, 4096), "MIG_RP_MSG_REQ_PAGES has no block 'pc.ram'"},
		"no block":       {ask("", 0, 4096), "MIG_RP_MSG_REQ_PAGES has no previous block"},
		"misaligned":     {ask("counter.ram", 1, 4096), "MIG_RP_MSG_REQ_PAGES: Misaligned page request, start:1 len: 4096"},
		"an odd length":  {ask("counter.ram", 4096, 4097), "MIG_RP_MSG_REQ_PAGES: Misaligned page request, start:1000 len: 4097"},
		"behind the end": {ask("counter.ram", size, 4096), "MIG_RP_MSG_REQ_PAGES request overrun, start=12c000 len=1000 blocklen=12c000"},
		"over the end":   {ask("counter.ram", size-4096, 8192), "MIG_RP_MSG_REQ_PAGES request overrun, start=12b000 len=2000 blocklen=12c000"},
		"around":         {ask("counter.ram", -4096&(1<<64-1), 8192), "MIG_RP_MSG_REQ_PAGES request overrun, start=fffffffffffff000 len=2000 blocklen=12c000"},
		// The step to postcopy-active may still be to come.
		"a bitmap":        {unhex(t, "0005 0002 01 78"), "Reload bitmap in incorrect state"},
		"an ack":          {unhex(t, "0006 0004 00000002"), "illegal resume_ack value 2"},
		"rubbish":         {unhex(t, "5145564d 00000003"), "Received invalid message 0x5145 length 0x564d"},
		"a last word":     {unhex(t, "0001 0004 00000000 0002 0004 00000001"), ""},
		"nothing":         {nil, "Channel error: Input/output error"},
		"a good question": {append(ask("counter.ram", 0, 4096), ask("", 4096, 1<<20)...), "Channel error: Input/output error"},
	} {
		t.Run(name, func(t *testing.T) {
			src := newSide(t, 300, Config{})
			src.set(t, qapi.MigrateSetParameters{MaxPostcopyBandwidth: new(uint64(5000))})
			src.follow(t, follower(t, true, turnOf{atRun, c.says}))
			text := src.reaches(t, postcopyPaused)
			if !strings.HasPrefix(text, c.want) && !strings.HasPrefix(text, "Unable to") {
				t.Errorf("%q, want %q", text, c.want)
			}
			if state := src.RunState(); state != qapi.RunStateFinishMigrate {
				t.Errorf("the VM is %s", state)
			}
			if err := src.MigrateCancel(t.Context()); err == nil || err.Error() != "Postcopy migration in progress, cannot cancel." {
				t.Errorf("cancel: %v", err)
			}
		})
	}
}

// A destination that could not load the VM ends the migration; the VM does not
// run again where it was left.
func TestFollowerThatFails(t *testing.T) {
	src := newSide(t, 300, Config{})
	src.follow(t, follower(t, false, turnOf{atRun, unhex(t, "0001 0004 00000001")}))
	if text := src.reaches(t, qapi.MigrationStatusFailed); text != "Sibling indicated error 1" {
		t.Errorf("%q", text)
	}
	src.wait(t)
	if state := src.RunState(); state != qapi.RunStatePostmigrate {
		t.Errorf("the VM is %s", state)
	}
}

// A destination that asks without end and takes nothing costs no memory, and
// the source can be ended.
func TestInsatiableFollower(t *testing.T) {
	var asks []byte
	for i := range uint64(20000) {
		asks = wire.AppendPageRequest(asks, "counter.ram", (i%3000)*4096, 4096)
	}
	src := newSide(t, 3000, Config{})
	src.set(t, qapi.MigrateSetParameters{MaxPostcopyBandwidth: new(uint64(5000))})
	src.follow(t, follower(t, true, turnOf{atRun, asks}))
	src.reaches(t, postcopyActive)
	await(t, src.Machine, "asked", func(i *qapi.MigrationInfo) bool { return i.RAM.PostcopyRequests > 0 })
	if err := src.MigratePause(t.Context()); err != nil {
		t.Fatal(err)
	}
	src.reaches(t, postcopyPaused)
}

// bitmap is an answer to RECV_BITMAP.
func bitmapAnswer(block string, size uint64, bits []byte, end uint64) []byte {
	b := wire.AppendReply(nil, wire.ReplyRecvBitmap, wire.AppendCounted(nil, block))
	b = binary.BigEndian.AppendUint64(b, size)
	b = append(b, bits...)
	return binary.BigEndian.AppendUint64(b, end)
}

// However a recovery fails, another one may follow, and the last one brings
// exactly what is missing. Nothing is left open.
func TestRecoveries(t *testing.T) {
	const end = 0x0123456789abcdef
	all := bytes.Repeat([]byte{0xff}, 40) // 300 bits, filled up to words
	good := bitmapAnswer("counter.ram", 40, all, end)
	ack := unhex(t, "0006 0004 00000001")
	src := newSide(t, 300, Config{})
	src.follow(t, follower(t, true, turnOf{atRun, nil}))
	src.reaches(t, postcopyPaused)
	before := descriptors(t)
	for range 3 {
		for _, c := range []struct {
			name string
			want string
			at   []turnOf
		}{
			{"another block", "MIG_RP_MSG_RECV_BITMAP has invalid block name 'pc.ram'",
				[]turnOf{{atBitmap, bitmapAnswer("pc.ram", 40, all, end)}}},
			{"too large", "ramblock 'counter.ram' bitmap size mismatch (0x30 != 0x28)",
				[]turnOf{{atBitmap, bitmapAnswer("counter.ram", 48, append(all, all...)[:48], end)}}},
			{"far too large", "ramblock 'counter.ram' bitmap size mismatch (0xffffffffffffffff != 0x28)",
				[]turnOf{{atBitmap, bitmapAnswer("counter.ram", 1<<64-1, nil, end)}}},
			{"a bad end", "ramblock 'counter.ram' end mark incorrect: 0x1",
				[]turnOf{{atBitmap, bitmapAnswer("counter.ram", 40, all, 1)}}},
			{"cut", "read bitmap failed for ramblock 'counter.ram': (size 0x28, got: 0x28)",
				[]turnOf{{atBitmap, good[:len(good)-1]}}},
			{"cut early", "read bitmap failed for ramblock 'counter.ram': (size 0x28, got: 0x7)",
				[]turnOf{{atBitmap, good[:len(good)-41]}}},
			{"twice", "Reload bitmap in incorrect state postcopy-recover",
				[]turnOf{{atBitmap, append(append([]byte{}, good...), good...)}}},
			{"a bad ack", "illegal resume_ack value 2",
				[]turnOf{{atBitmap, good}, {atResume, unhex(t, "0006 0004 00000002")}}},
			{"an error", "Sibling indicated error 7", []turnOf{{atBitmap, unhex(t, "0001 0004 00000007")}}},
			{"a last word", "Channel error: Input/output error", []turnOf{{atBitmap, unhex(t, "0001 0004 00000000")}}},
		} {
			src.again(t, follower(t, true, c.at...))
			if text := src.reaches(t, postcopyPaused); text != c.want {
				t.Errorf("%s: %q, want %q", c.name, text, c.want)
			}
		}
	}
	// Nobody answers: the user's pause ends every wait.
	for _, turns := range [][]turnOf{nil, {{atBitmap, good}}} {
		src.again(t, follower(t, false, turns...))
		src.reaches(t, qapi.MigrationStatusPostcopyRecover)
		if err := src.MigratePause(t.Context()); err != nil {
			t.Fatal(err)
		}
		if text := src.reaches(t, postcopyPaused); text != "Postcopy migration is paused by the user" {
			t.Errorf("paused because of %q", text)
		}
	}
	src.again(t, "unix:"+filepath.Join(t.TempDir(), "nobody"))
	if text := src.reaches(t, postcopyPaused); !strings.HasPrefix(text, "Failed to connect to ") {
		t.Errorf("paused because of %q", text)
	}
	// A follower may still be about to hang up.
	for end := time.Now().Add(time.Minute); descriptors(t) > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d descriptors became %d", before, descriptors(t))
		}
	}
	src.again(t, follower(t, false, turnOf{atBitmap, good}, turnOf{atResume, ack},
		turnOf{atPages, unhex(t, "0001 0004 00000000")}))
	if s := src.wait(t); s != completed {
		t.Errorf("%s", src.Migration().Info().AppendJSON(nil))
	}
}

// again goes on after a pause.
func (s *side) again(t *testing.T, uri string) {
	t.Helper()
	if err := s.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri, Resume: new(true)}); err != nil {
		t.Fatal(err)
	}
}

// A paused source, and one that waits in a recovery, end with their machine.
func TestEndInPostcopy(t *testing.T) {
	for _, c := range []struct {
		name  string
		until qapi.MigrationStatus
		then  string
	}{
		{"sending", postcopyActive, ""},
		{"paused", postcopyPaused, ""},
		{"recovering", postcopyPaused, "silence"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := newSide(t, 300, Config{})
			src.set(t, qapi.MigrateSetParameters{MaxPostcopyBandwidth: new(uint64(5000))})
			src.follow(t, follower(t, c.until == postcopyPaused, turnOf{atRun, nil}))
			src.reaches(t, c.until)
			if c.then != "" {
				src.again(t, follower(t, false))
				src.reaches(t, qapi.MigrationStatusPostcopyRecover)
			}
			if err := src.Machine.Close(); err != nil {
				t.Fatal(err)
			}
			if s := src.wait(t); s != qapi.MigrationStatusCancelled {
				t.Errorf("the migration is %s", s)
			}
		})
	}
}
