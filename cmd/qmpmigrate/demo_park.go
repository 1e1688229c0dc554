package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"qmpmigrate/cmd/qmpmigrate/conduct"
	"qmpmigrate/cmd/qmpmigrate/testguest"
)

// The guest of the second part.
const (
	parkMemory   = 32 // MiB
	parkLetters  = 8  // how many it prints on each side
	letterTime   = time.Minute
	parkLink     = 1 << 30
	parkDowntime = 1000 // milliseconds: emulated vCPUs write fast for so small a guest
)

// parkGuest shows a guest of a real QEMU that is parked here and goes on in
// another QEMU.
func parkGuest(ctx context.Context, s *stage, qemu program, out *screen) error {
	out.heading("2. A guest of a real QEMU is parked in qmpmigrate, and goes on in another QEMU")
	guest, err := qemuGuest(s)
	if err != nil {
		return err
	}
	park, err := s.start("qmpmigrate", s.self, "-machine", "adopt", "-incoming", "defer")
	if err != nil {
		return err
	}
	p := &parking{stage: s, qemu: qemu, guest: guest, park: park, out: out}
	before, err := p.in(ctx)
	if err != nil {
		return err
	}
	after, err := p.on(ctx)
	if err != nil {
		return err
	}
	if !testguest.Follows(before, after) {
		return fmt.Errorf("the guest printed %q, and then %q: it does not go on where it was", before, after)
	}
	if err := sameFiles(s.path("before.mem"), s.path("after.mem")); err != nil {
		return fmt.Errorf("memory of the guest: %w", err)
	}
	out.row("verified", "no letter lost or repeated, and all %d MiB of memory are equal at both ends", parkMemory)
	return s.end()
}

// parking is the second part under way.
type parking struct {
	*stage
	qemu  program
	name  string                       // with its version
	guest func(serial string) []string // its arguments
	park  *actor
	out   *screen
}

// in runs the guest, parks it and gives what it had printed by then.
func (p *parking) in(ctx context.Context) (string, error) {
	from, err := p.start("first QEMU", p.qemu, p.guest("before")...)
	if err != nil {
		return "", err
	}
	if err := meet(ctx, from, p.park); err != nil {
		return "", err
	}
	if p.name, err = qemuVersion(ctx, from); err != nil {
		return "", err
	}
	if _, err := letters(ctx, p.path("before"), parkLetters); err != nil {
		return "", err
	}
	moved, err := p.move(ctx, from, p.park, "in")
	if err != nil {
		return "", err
	}
	if err := saveMemory(ctx, from, p.path("before.mem")); err != nil {
		return "", err
	}
	if err := from.end(); err != nil {
		return "", err
	}
	text, err := serial(p.path("before")) // with what was printed meanwhile
	if err != nil {
		return "", err
	}
	p.out.row(p.name, "prints %s", text)
	p.out.row("parked", "in %s: %s of guest, held in a process of %s",
		span(moved.TotalTime), mebibytes(moved.Total), mebibytes(p.park.process.resident()))
	return text, nil
}

// on moves the parked guest to the next QEMU and gives what it prints there.
func (p *parking) on(ctx context.Context) (string, error) {
	// It stays stopped until its memory is saved.
	to, err := p.start("second QEMU", p.qemu, append(p.guest("after"), "-S", "-incoming", "defer")...)
	if err != nil {
		return "", err
	}
	if err := meet(ctx, to); err != nil {
		return "", err
	}
	moved, err := p.move(ctx, p.park, to, "out")
	if err != nil {
		return "", err
	}
	if err := saveMemory(ctx, to, p.path("after.mem")); err != nil {
		return "", err
	}
	if err := to.Execute(ctx, "cont", nil, nil); err != nil {
		return "", err
	}
	text, err := letters(ctx, p.path("after"), parkLetters)
	if err != nil {
		return "", err
	}
	p.out.row("moved on", "in %s", span(moved.TotalTime))
	p.out.row(p.name, "prints %s", text)
	return text, nil
}

func (p *parking) move(ctx context.Context, from, to *actor, name string) (conduct.Result, error) {
	return migrate(ctx, p.out, from, to, conduct.Options{
		URI:        "unix:" + p.path(name),
		Parameters: map[string]any{"max-bandwidth": parkLink, "downtime-limit": parkDowntime},
	})
}

// qemuGuest gives the arguments for a QEMU with the guest; its serial output
// goes to a file of the stage.
func qemuGuest(s *stage) (args func(serial string) []string, err error) {
	disk := s.path("disk")
	if err := os.WriteFile(disk, testguest.Disk(), 0o600); err != nil {
		return nil, err
	}
	return func(serial string) []string {
		return []string{"-accel", "tcg", "-machine", "pc", "-m", strconv.Itoa(parkMemory),
			// Both QEMUs have the disk open at once.
			"-drive", "file=" + disk + ",format=raw,if=ide,file.locking=off",
			"-serial", "file:" + s.path(serial)}
	}, nil
}

func qemuVersion(ctx context.Context, a *actor) (string, error) {
	var v struct {
		QEMU struct{ Major, Minor, Micro int }
	}
	if err := a.Execute(ctx, "query-version", nil, &v); err != nil {
		return "", err
	}
	return fmt.Sprintf("QEMU %d.%d.%d", v.QEMU.Major, v.QEMU.Minor, v.QEMU.Micro), nil
}

func saveMemory(ctx context.Context, a *actor, path string) error {
	return a.Execute(ctx, "pmemsave", map[string]any{"val": 0, "size": parkMemory << 20, "filename": path}, nil)
}

// letters waits until the guest has printed n letters to the file.
func letters(ctx context.Context, path string, n int) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, letterTime, errors.New("the guest prints nothing"))
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		text, err := serial(path)
		if err != nil || len(text) >= n {
			return text, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return text, context.Cause(ctx)
		}
	}
}

func serial(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return string(text), err
}
