package faults

import (
	"io"
	"strings"
	"testing"
	"time"

	"qmpmigrate/core/wire"
	"qmpmigrate/tests/emulator"
)

// endless says the same again and again.
func endless(words []byte) func(io.Writer) {
	return func(conn io.Writer) {
		for {
			if _, err := conn.Write(words); err != nil {
				return
			}
		}
	}
}

// talks are destinations that never come to an end.
func talks() map[string]func(io.Writer) {
	return map[string]func(io.Writer){
		"silence": func(io.Writer) {},
		"PONGs":   endless(message(wire.ReplyPong, 0, 0, 0, 9)),
		"acks":    endless(message(wire.ReplySwitchoverAck)),
	}
}

// A destination that never answers, or never stops, costs no memory; the user's word ends it, and the VM runs on.
func TestEndlessDestinations(t *testing.T) {
	for name, says := range talks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			src, _ := source(t, emulator.NeedServer(t))
			emulator.Must(t, src.SetCapabilities(ctx, "return-path"))
			for _, end := range []struct {
				status, command string
				args            any
			}{
				{"cancelled", "migrate_cancel", nil},
				{"failed", "yank", map[string]any{"instances": []any{map[string]any{"type": "migration"}}}},
			} {
				uri, hangUp := listener{says: says}.wait(t)
				emulator.Must(t, src.MigrateTo(ctx, uri))
				_, err := src.WaitMigration(ctx, "device") // only its word is missing
				emulator.Must(t, err)
				costsNothing(t, src)
				emulator.Must(t, src.Execute(ctx, end.command, end.args, nil))
				_, err = src.WaitMigration(ctx, end.status)
				emulator.Must(t, err)
				hangUp()
				runs(t, src)
			}
			moves(t, src)
		})
	}
}

// The same once it has the VM: the source waits for one that does better.
func TestEndlessFollowers(t *testing.T) {
	all := talks()
	all["requests"] = endless(wire.AppendPageRequest(nil, "memtest.ram", 0, blockRAM))
	all["requests page by page"] = func(conn io.Writer) {
		for page := uint64(0); ; page = (page*5 + 1) % (blockRAM / 4096) {
			if _, err := conn.Write(wire.AppendPageRequest(nil, "memtest.ram", page*4096, 4096)); err != nil {
				return
			}
		}
	}
	for name, says := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, _ := source(t, emulator.NeedServer(t))
			emulator.Must(t, src.SetParameters(t.Context(), map[string]any{"max-postcopy-bandwidth": 1 << 20}))
			follow(t, src, listener{mark: run(), says: says})
			_, err := src.WaitMigration(t.Context(), "postcopy-active")
			emulator.Must(t, err)
			costsNothing(t, src)
			emulator.Must(t, src.Execute(t.Context(), "migrate-pause", nil, nil))
			_, err = src.WaitMigration(t.Context(), "postcopy-paused")
			emulator.Must(t, err)
			emulator.Must(t, src.Execute(t.Context(), "quit", nil, nil))
			exit, err := src.Wait(t.Context())
			emulator.Must(t, err)
			if exit.Status != 0 {
				t.Errorf("%s: %s", exit.Process, exit.Output)
			}
		})
	}
}

// A destination that hangs up when it has everything, and has not said so: only its user knows whether the VM is
// there. It must not run here, as it does in QEMU.
func TestUnheardFollower(t *testing.T) {
	src, _ := source(t, emulator.NeedServer(t))
	end := follow(t, src, listener{mark: run(), says: func(io.Writer) {}})
	_, err := src.WaitMigrationUntil(t.Context(), "sent", func(m emulator.Migration) bool {
		return m.Status == "postcopy-active" && m.RAM.Remaining == 0
	})
	emulator.Must(t, err)
	end()
	m, err := src.WaitMigration(t.Context(), "postcopy-paused")
	emulator.Must(t, err)
	if want := "everything was sent, but not confirmed: if the destination has completed, quit this end, and recover otherwise"; !strings.HasPrefix(m.ErrorDesc, want) {
		t.Errorf("it says %q", m.ErrorDesc)
	}
	state, err := src.RunState(t.Context())
	emulator.Must(t, err)
	if state != "finish-migrate" {
		t.Errorf("the VM is %s", state)
	}
}

// costsNothing looks for a while whether memory grows.
func costsNothing(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	before, _, err := e.ResidentMemory()
	emulator.Must(t, err)
	time.Sleep(300 * time.Millisecond)
	after, _, err := e.ResidentMemory()
	emulator.Must(t, err)
	if after-before > slack {
		t.Errorf("%d KiB have become %d", before>>10, after>>10)
	}
}
