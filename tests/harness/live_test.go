package harness

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// The area that the usual test guest counts up, and the place of the harness's marker in it.
const (
	areaStart, areaEnd = 0x100000, 0x6400000
	pageSize           = 4096
	marker             = 0x400400
	markerValue        = 0xFEED12345678CAFE
)

// machine is the name behind the alias q35, from a probe.
func (b *bench) machine() string {
	b.t.Helper()
	probe := b.start("probe", "-machine none")
	var types []struct{ Name string }
	probe.do("qom-list-types", `{"implements": "accel", "abstract": false}`, &types)
	tcg := false
	for _, kind := range types {
		tcg = tcg || kind.Name == "tcg-accel"
	}
	if !tcg {
		b.t.Errorf("no tcg-accel in %v", types)
	}
	var machines []struct{ Name, Alias string }
	probe.do("query-machines", "", &machines)
	probe.terminate()
	for _, m := range machines {
		if m.Alias == "q35" {
			return m.Name
		}
	}
	b.t.Fatalf("no q35 in %v", machines)
	return ""
}

// pair starts a source and a target with the harness's command lines. more is for both, and target for one.
func (b *bench) pair(incoming, more, target string) (src, dst *side) {
	b.t.Helper()
	name := b.machine()
	sector := emulator.BootSector()
	emulator.Must(b.t, os.WriteFile(b.path("bootsect"), sector, 0o600))
	line := func(role, serial, rest string) string {
		return fmt.Sprintf("-accel kvm -accel tcg -machine %s, -name %s,debug-threads=on -m 150M  -serial file:%s %s "+
			"-drive if=none,id=d0,file=%s,format=raw -device ide-hd,drive=d0,secs=1,cyls=1,heads=1 %s",
			name, role, b.path(serial), rest, b.path("bootsect"), more)
	}
	src = b.start("source", line("source", "src_serial", ""))
	dst = b.start("target", line("target", "dest_serial", "-incoming "+incoming)+" "+target)
	src.enable("events")
	dst.enable("events")
	return src, dst
}

// slow keeps a live migration from ending, as the harness does before it looks into it.
func (s *side) slow() {
	s.set("max-bandwidth", 3000000)
	s.set("downtime-limit", 1)
}

func (s *side) fast() {
	s.set("max-bandwidth", 1000000000)
	s.set("downtime-limit", 30*1000)
}

// finish waits for the end, ends the source, and looks at the target's memory.
func finish(t *testing.T, src, dst *side) {
	t.Helper()
	src.fast()
	src.reach("completed")
	dst.event("RESUME")
	before := dst.value("readb", areaStart)
	src.terminate()
	dst.until("a change", func() bool { return dst.value("readb", areaStart) != before })
	dst.do("stop", "", nil)
	still := dst.value("readb", areaStart)
	for end := time.Now().Add(200 * time.Millisecond); time.Now().Before(end); {
		if got := dst.value("readb", areaStart); got != still {
			t.Fatalf("a stopped guest changes a byte from %d to %d", still, got)
		}
	}
	dst.ascending()
	dst.terminate()
}

// ascending holds memory against what the guest does: from page to page the
// count goes down by one at most once.
func (s *side) ascending() {
	s.t.Helper()
	last, steps := s.value("readb", areaStart), 0
	begin := time.Now()
	for addr := uint64(areaStart + pageSize); addr < areaEnd; addr += pageSize {
		got := s.value("readb", addr)
		if got != last {
			if steps++; got != (last-1)&0xff || steps > 1 {
				s.t.Fatalf("%s: at 0x%x %d follows %d, difference number %d", s.name, addr, got, last, steps)
			}
		}
		last = got
	}
	n := (areaEnd - areaStart) / pageSize
	s.t.Logf("%d reads, %v each", n, time.Since(begin)/time.Duration(n))
}

func TestLiveMigration(t *testing.T) {
	for _, transport := range []string{"tcp", "unix"} {
		t.Run(transport, func(t *testing.T) {
			b := newBench(t)
			incoming := "tcp:127.0.0.1:0"
			if transport == "unix" {
				incoming = "unix:" + b.path("migsocket")
			}
			src, dst := b.pair(incoming, "", "")
			// From its first B on every page holds something, so that one pass at 3 MB/s takes longer than the checks,
			// on a busy machine, too.
			src.until("the guest", func() bool { return strings.HasPrefix(src.text(), "AB") })
			src.slow()
			if got := src.ask("writeq 0x%x 0x%X", marker, uint64(markerValue)); got != "OK" {
				t.Fatal(got)
			}
			src.do("migrate", `{"uri": "`+address(dst)+`"}`, nil)
			dst.until("the marker", func() bool { return dst.value("readq", marker) == markerValue })
			before := src.value("readb", marker&^0xfff)
			src.until("a change", func() bool { return src.value("readb", marker&^0xfff) != before })
			if got := src.status(); got != "active" {
				t.Fatalf("at 3 MB/s the migration is %s", got)
			}
			src.fast()
			src.event("STOP")
			finish(t, src, dst)
			if text := dst.text(); strings.Contains(text, "A") {
				t.Errorf("the target's guest says %q", text)
			}
			if left, err := os.ReadDir(b.dir); err != nil || len(left) > 4+6 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// address is where a target listens, as a URI.
func address(s *side) string {
	s.t.Helper()
	var info struct {
		Addresses []struct{ Type, Host, Port, Path string } `json:"socket-address"`
	}
	s.do("query-migrate", "", &info)
	if len(info.Addresses) == 0 {
		s.t.Fatalf("%s listens nowhere", s.name)
	}
	if a := info.Addresses[0]; a.Type == "unix" {
		return "unix:" + a.Path
	}
	return "tcp:127.0.0.1:" + info.Addresses[0].Port
}
