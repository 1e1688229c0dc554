package conformance

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"qmpmigrate/tests/emulator"
)

var (
	rewrite = flag.Bool("rewrite", false, "write what the emulators answer into the scripts")
	only    = flag.String("only", "", "play against these emulators only: tags of -, 7.2, ours, separated by commas")
	binary  = flag.String("binary", "", "play against this emulator `program` instead, and show where it differs from QEMU 10.0")
)

const differencesFile = "differences.txt"

// tags is the order of replies in scripts.
var tags = []string{Reference, "7.2", "ours"}

// TestConversations plays every script against QEMU 10.0, QEMU 7.2 and qmpmigrate.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("scripts/*.[qh]mp")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	sides := needSides(t)
	listed := needDifferences(t)
	var played, exchanges, differing atomic.Int32
	t.Run("scripts", func(t *testing.T) {
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				s := readScript(t, file)
				played.Add(1)
				defer checkReasons(t, s, listed)
				for _, what := range s.needs() {
					hostHas(t, what)
				}
				playAll(t, file, s, sides)
				exchanges.Add(int32(count(s, nil)))
				differing.Add(int32(count(s, func(step *Step) bool { return step.Replies["ours"] != nil })))
			})
		}
	})
	if int(played.Load()) == len(files) {
		for _, unused := range listed.Unused(func(script string) bool { return script != schemaScript }) {
			t.Errorf("%s: listed, but does not occur: %s", differencesFile, unused)
		}
	}
	t.Logf("%d exchanges, %d of them different in qmpmigrate", exchanges.Load(), differing.Load())
}

// hostHas skips a test of what this host does not have.
func hostHas(t *testing.T, what string) {
	t.Helper()
	switch what {
	case "ipv6":
		emulator.NeedIPv6(t)
	case "userfaultfd":
		emulator.NeedUserfaultfd(t)
	default:
		t.Fatalf("what is it that is needed, %q?", what)
	}
}

func count(s *Script, which func(*Step) bool) (n int) {
	for _, step := range s.Steps {
		if step.Exchange() && (which == nil || which(step)) {
			n++
		}
	}
	return n
}

// attempts is how often a real QEMU may play a script until it answers as the script says: it has races of its own,
// and what a script holds is what it usually answers. qmpmigrate has one.
const attempts = 3

// playAll plays a script against all sides at once.
func playAll(t *testing.T, file string, s *Script, sides []Side) {
	explore := *rewrite || *binary != ""
	replies := make([][][]string, len(sides))
	errs := make([]error, len(sides))
	var all sync.WaitGroup
	for i, side := range sides {
		all.Go(func() {
			replies[i], errs[i] = Play(t.Context(), side, s, explore)
			for n := 1; n < attempts && !explore && side.Tag != "ours"; n++ {
				found := differences(s, side.Tag, replies[i])
				if errs[i] == nil && len(found) == 0 {
					break
				}
				t.Logf("played again, for: %v\n%s", errs[i], strings.Join(found, "\n"))
				replies[i], errs[i] = Play(t.Context(), side, s, explore)
			}
		})
	}
	all.Wait()
	for i, side := range sides {
		switch {
		case errs[i] != nil:
			t.Error(errs[i])
		case *rewrite:
			take(s, side.Tag, replies[i])
		default:
			for _, difference := range differences(s, side.Tag, replies[i]) {
				t.Error(difference)
			}
		}
	}
	if *rewrite && !t.Failed() {
		if err := os.WriteFile(file, []byte(s.Format(tags)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// take puts what a side answered into a script. The reference is the first of the sides.
func take(s *Script, tag string, replies [][]string) {
	for i, step := range s.Steps {
		delete(step.Replies, tag)
		if !slices.Equal(replies[i], step.Replies[Reference]) {
			step.Replies[tag] = append([]string{}, replies[i]...)
		}
	}
}

// differences tells where the replies of a side are not the script's.
func differences(s *Script, tag string, replies [][]string) (found []string) {
	for i, step := range s.Steps {
		var got []string
		if i < len(replies) {
			got = replies[i]
		}
		if want := step.Expected(tag); !slices.Equal(got, want) {
			found = append(found, fmt.Sprintf("%s:%d: %s\n%s\n%s\nbut the script says\n%s",
				s.Name, step.Line, tag, step.Text, show(got), show(want)))
		}
	}
	return found
}

func show(lines []string) string {
	if len(lines) == 0 {
		return "  " + nothing
	}
	return "  " + strings.Join(lines, "\n  ")
}

// checkReasons looks up why each reply that is not the reference's may be different.
func checkReasons(t *testing.T, s *Script, listed *Differences) {
	for _, step := range s.Steps {
		for _, tag := range tags[1:] {
			replies, differs := step.Replies[tag]
			if differs && listed.Reason(tag, s.Name, append([]string{step.Text}, replies...)) == "" {
				t.Errorf("%s:%d: %s differs, and %s has no reason for it:\n%s\n%s\nQEMU 10.0:\n%s",
					s.Name, step.Line, tag, differencesFile, step.Text, show(replies), show(step.Replies[Reference]))
			}
		}
	}
}

func readScript(t *testing.T, file string) *Script {
	t.Helper()
	text, err := os.ReadFile(file)
	emulator.Must(t, err)
	s, err := Parse(filepath.Base(file), string(text))
	emulator.Must(t, err)
	return s
}

func needDifferences(t *testing.T) *Differences {
	t.Helper()
	text, err := os.ReadFile(differencesFile)
	emulator.Must(t, err)
	d, err := ParseDifferences(string(text))
	emulator.Must(t, err)
	return d
}

func needSides(t *testing.T) []Side {
	t.Helper()
	if *binary != "" {
		path, err := filepath.Abs(*binary)
		emulator.Must(t, err)
		program := emulator.Program{Name: filepath.Base(path), Path: path}
		return []Side{{Tag: "other", Program: program, Machine: strings.Fields(os.Getenv("QMPMIGRATE_MACHINE"))}}
	}
	var sides []Side
	for _, tag := range tags {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), tag) {
			continue
		}
		side, err := needSide(t, tag)
		emulator.Must(t, err)
		sides = append(sides, side)
	}
	return sides
}

func needSide(t *testing.T, tag string) (Side, error) {
	switch tag {
	case Reference:
		return QEMU(tag, "10.0")
	case "ours":
		p := emulator.NeedServer(t)
		return Ours(p), nil
	default:
		return QEMU(tag, tag)
	}
}

// TestScriptsAreTidy holds that scripts are as -rewrite would write them.
func TestScriptsAreTidy(t *testing.T) {
	files, _ := filepath.Glob("scripts/*.[qh]mp")
	for _, file := range files {
		text, err := os.ReadFile(file)
		emulator.Must(t, err)
		if got := readScript(t, file).Format(tags); got != string(text) {
			t.Errorf("%s: is not what Format makes of it", file)
		}
	}
}

func ExampleParse() {
	s, err := Parse("example.qmp", "# Why it is here.\n-> {\"execute\": \"query-status\"}\n<- {\"return\": 1}\n<7.2 {\"return\": 2}\n")
	fmt.Println(err, s.Steps[1].Expected("7.2"), s.Steps[1].Expected("ours"))
	// Output: <nil> [{"return": 2}] [{"return": 1}]
}
