package interop

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"qmpmigrate/tests/dissect"
	"qmpmigrate/tests/emulator"
	"qmpmigrate/tests/testdata"
)

// allowed is what a process that takes in a broken stream may have resident: the RAM that it announces, 17
// MiB in the captures, and 64 MiB.
const allowed = (17 + 64) << 20

// inherited is what Linux counts as a new process's peak: that of the one that started it, which may have machines of
// its own.
func inherited(t *testing.T) int64 {
	t.Helper()
	var own unix.Rusage
	emulator.Must(t, unix.Getrusage(unix.RUSAGE_SELF, &own))
	return own.Maxrss << 10
}

// Any truncation is a clear error of exit status 1 that names section and offset.
func TestTruncations(t *testing.T) {
	eachStream(t, func(t *testing.T, machine []string, data []byte, s *dissect.Stream) {
		positions := everyNth(0, int64(len(data)), 120)
		for _, section := range s.Sections[len(s.Sections)-3:] {
			positions = append(positions, section.Start, section.Start+1, section.Body, section.End, section.End+1)
		}
		for _, n := range positions {
			out := feed(t, machine, data[:n])
			if out.accepted {
				t.Errorf("%d bytes were accepted", n)
				continue
			}
			if at := checkRefusal(t, out, n); at > n {
				t.Errorf("%d bytes: error at offset %d", n, at)
			}
			if name := sectionAt(s, n); !strings.Contains(out.exit.Output, name) {
				t.Errorf("%d bytes: error does not name %s: %q", n, name, out.exit.Output)
			}
		}
	})
}

// Single-byte corruptions of the device part: what holds the stream together must be found, values of
// devices need not be.
func TestCorruptions(t *testing.T) {
	eachStream(t, func(t *testing.T, machine []string, data []byte, s *dissect.Stream) {
		first := s.Sections[0]
		for _, section := range s.Sections {
			if section.Type == dissect.Full {
				first = section
				break
			}
		}
		for i, n := range append(everyNth(first.Start, s.Described, 180), framing(s)...) {
			damaged := append([]byte{}, data...)
			damaged[n] ^= []byte{0x01, 0x80, 0xff}[i%3]
			out := feed(t, machine, damaged)
			switch {
			case !out.accepted:
				checkRefusal(t, out, n)
			case inFraming(s, n, machine):
				t.Errorf("framing byte at %d changed from %#x to %#x was accepted", n, data[n], damaged[n])
			}
		}
	})
}

// eachStream runs a test for streams of real QEMUs, which an adopting machine takes in, and for one of our
// own guest, with the machine that they are for.
func eachStream(t *testing.T, test func(t *testing.T, machine []string, data []byte, s *dissect.Stream)) {
	one := func(name string, machine []string, data []byte) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := dissect.Read(data)
			emulator.Must(t, err)
			if out := feed(t, machine, data); !out.accepted {
				t.Fatalf("the stream itself is refused: %s\n%s", out.exit.Process, out.exit.Output)
			}
			test(t, machine, data, s)
		})
	}
	captures, err := testdata.Captures()
	emulator.Must(t, err)
	for _, capture := range captures {
		one(capture.Name, []string{"-machine", "adopt", "-nodefaults"}, capture.Data)
	}
	memtest := []string{"-machine", "memtest,workload=stress,fill=2", "-m", "16", "-smp", "2", "-nodefaults"}
	src := emulator.Launch(t, emulator.NeedServer(t), "source", memtest...)
	one("memtest", memtest, stored(t, src, "file:"))
}

// everyNth returns about n positions from first up to end, not included, in odd distances.
func everyNth(first, end int64, n int) (positions []int64) {
	step := (end-first)/int64(n) | 1
	for at := first; at < end; at += step {
		positions = append(positions, at)
	}
	return positions
}

// framing returns all framing bytes of one section of a device in the middle.
func framing(s *dissect.Stream) (positions []int64) {
	section := s.Sections[len(s.Sections)/2]
	for at := section.Start; at < section.End+dissect.FooterSize; at++ {
		if at < section.Body || at >= section.End {
			positions = append(positions, at)
		}
	}
	return positions
}

// inFraming tells whether an offset is in a section's head or footer. The version of a device's section is
// a value: only the device's own code could tell whether it is right. So is the instance where a machine
// has several; only an adopting machine compares them with the description.
func inFraming(s *dissect.Stream, at int64, machine []string) bool {
	values := int64(4)
	if !slices.Contains(machine, "adopt") {
		values = 8
	}
	for _, section := range s.Sections {
		if at >= section.Start && at < section.Body-values ||
			at >= section.End && at < section.End+dissect.FooterSize {
			return true
		}
	}
	return false
}

type outcome struct {
	accepted bool
	exit     emulator.Exit // of a refusal
}

// feed lets a machine take in a stream.
func feed(t *testing.T, machine []string, data []byte) outcome {
	t.Helper()
	args := append(append([]string{}, machine...), "-incoming", "defer")
	e, err := emulator.Start(t.Context(), emulator.NeedServer(t), "damaged", args...)
	emulator.Must(t, err)
	defer e.Close()
	path := filepath.Join(e.Dir, "stream")
	emulator.Must(t, os.WriteFile(path, data, 0o600))
	emulator.Must(t, e.Incoming(t.Context(), "file:"+path))
	if _, err := e.WaitMigration(t.Context(), "completed"); err == nil {
		return outcome{accepted: true}
	}
	exit, err := e.Wait(t.Context())
	emulator.Must(t, err)
	return outcome{exit: exit}
}

var offsetPattern = regexp.MustCompile(`offset (0x[0-9a-f]+|\d+)`)

// checkRefusal checks how a stream with damage at an offset was refused, and returns the offset that the
// error names.
func checkRefusal(t *testing.T, out outcome, damage int64) int64 {
	t.Helper()
	text := out.exit.Output
	if out.exit.Status != 1 || strings.Contains(text, "goroutine ") {
		t.Errorf("damage at %d: %s\n%s", damage, out.exit.Process, text)
	}
	if out.exit.MaxRSS > max(allowed, inherited(t)) {
		t.Errorf("damage at %d: %d MiB resident", damage, out.exit.MaxRSS>>20)
	}
	match := offsetPattern.FindStringSubmatch(text)
	if match == nil {
		t.Errorf("damage at %d: no offset in %q", damage, text)
		return 0
	}
	at, err := strconv.ParseInt(match[1], 0, 64)
	emulator.Must(t, err)
	return at
}

// sectionAt returns the name of the section that a stream of so many bytes ends in, empty between sections.
func sectionAt(s *dissect.Stream, n int64) string {
	for _, section := range s.Sections {
		if n >= section.Body && n < section.End+dissect.FooterSize {
			if section.Name == "" {
				return s.Sections[0].Name // later parts of RAM
			}
			return section.Name
		}
	}
	return ""
}
