package readline

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"qmpmigrate/tests/screen"
)

const (
	up, down, left, right = "\x1b[A", "\x1b[B", "\x1b[D", "\x1b[C"
	home, end, del        = "\x1b[1~", "\x1b[4~", "\x1b[3~"
)

// typed is an editor with a terminal and what was entered.
type typed struct {
	*Editor
	screen.Screen
	entered []string
}

func newTyped(t *testing.T, complete Completer) *typed {
	e := &typed{Editor: NewEditor("(qemu) ", new(History), complete)}
	e.Write(e.Prompt())
	t.Cleanup(func() {
		if faults := e.Faults(); len(faults) > 0 {
			t.Errorf("%q", faults)
		}
	})
	return e
}

// keys types, and shows the prompt again after each line.
func (e *typed) keys(text string) {
	for _, c := range []byte(text) {
		out, line, entered := e.Key(c)
		e.Write(out)
		if entered {
			e.entered = append(e.entered, line)
			e.Write(e.Prompt())
		}
	}
}

func words(list ...string) Completer {
	return func(line string) (candidates []string, typed int) {
		word := line[strings.LastIndexByte(line, ' ')+1:]
		for _, w := range list {
			if strings.HasPrefix(w, word) {
				candidates = append(candidates, w)
			}
		}
		return candidates, len(word)
	}
}

func TestKeys(t *testing.T) {
	for _, row := range []struct{ keys, want string }{
		{"info", "info"},
		{"ifo" + left + left + "n", "info"},
		{"nfo\x01i\x05!", "info!"},
		{"nfo" + home + "i" + end + "!", "info!"},
		{"nfo\x1bOHi\x1bOF!", "info!"},
		{"infox\x7f", "info"}, {"infox\b", "info"},
		{"ixnfo\x01" + right + "\x04", "info"}, {"ixnfo\x01" + right + del, "info"},
		{"one two  \x17x", "one x"}, {"one\x17", ""},
		{"one two" + left + left + "\x15", "wo"},
		{"\x7f\b\x04\x15\x17" + left + right + del + up + down, ""},
		{"a\x03\x0b\x1a\x00b", "ab"}, // other control characters
		{"a\x1bxb", "ab"}, {"a\x1b[Zb", "ab"}, {"a\x1b[99999999999999999999~b", "ab"}, {"a\x1bOZb", "ab"},
		{"a\x9bDb", "ba"},
		{"one\ntwo\n" + up, "two"}, {"one\ntwo\n" + up + up, "one"}, {"one\ntwo\n" + up + up + up, "one"},
		{"one\ntwo\n" + up + up + down, "two"}, {"one\ntwo\nthree" + up + up + down + down, ""},
		{"one\n\x10\x10\x0e\x10", "one"}, {"one\n\x1b[F", "one"}, {"one\n\x1b[F\x1b[E", ""},
		{"ä" + left + "x", "xä"}, {"äö\x7f", "ä"}, {"äö\x01\x04", "ö"}, {"äö\x01" + right + "x", "äxö"},
	} {
		e := newTyped(t, words())
		e.keys(row.keys)
		if got := string(e.line); got != row.want || e.Line() != "(qemu) "+row.want {
			t.Errorf("%q: line %q, screen %q, want %q", row.keys, got, e.Line(), row.want)
		}
	}
}

func TestHistory(t *testing.T) {
	e := newTyped(t, words())
	e.keys("one\ntwo\n\none\nthree\n" + up + up + "!\n")
	want := []string{"two", "one", "three", "one!"}
	if got := e.history.Lines(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for i := range 100 {
		e.keys(fmt.Sprintf("line %d\n", i))
	}
	if got := e.history.Lines(); len(got) != maxHistory || got[0] != "line 36" || got[63] != "line 99" {
		t.Errorf("%q", got)
	}
}

func TestEnds(t *testing.T) {
	e := newTyped(t, words())
	e.keys("one\rtwo\n\r\n" + strings.Repeat("x", maxLine+10) + "\n")
	if want := []string{"one", "two", "", "", strings.Repeat("x", maxLine)}; !slices.Equal(e.entered, want) {
		t.Errorf("%q", e.entered)
	}
}

func TestCompletion(t *testing.T) {
	commands := words("migrate", "migrate_cancel", "migrate_pause", "info", "dir/", "max")
	for _, row := range []struct{ keys, line, list string }{
		{"inf\t", "info ", ""},
		{"d\t", "dir/", ""},
		{"x\t", "x", ""},
		{"x i\t", "x info ", ""},
		{"inf" + left + "\t", "info f", ""}, // what follows the cursor does not count
		{"mi\t", "migrate", "migrate         migrate_cancel  migrate_pause   "},
		{"m\t", "m", "max             migrate         migrate_cancel  migrate_pause   "},
	} {
		e := newTyped(t, commands)
		e.keys(row.keys)
		if got := string(e.line); got != row.line || e.Line() != "(qemu) "+row.line {
			t.Errorf("%q: line %q, screen %q, want %q", row.keys, got, e.Line(), row.line)
		}
		if row.list != "" && e.Rows()[1] != row.list {
			t.Errorf("%q: list %q, want %q", row.keys, e.Rows()[1], row.list)
		}
	}
}

func TestColumns(t *testing.T) {
	var many []string
	for i := range 300 {
		many = append(many, fmt.Sprintf("w%d", i))
	}
	e := newTyped(t, words(append(many, many...)...))
	e.keys("w\t")
	if got := e.Rows()[1]; got != "w0        w1        w10       w100      w101      w102      w103      w104      " {
		t.Errorf("first row %q", got)
	}
	if len(e.Rows()) != 1+maxCandidates/8+1 {
		t.Errorf("%d rows", len(e.Rows()))
	}
	long := strings.Repeat("x", 90)
	e = newTyped(t, words(long+"1", long+"2"))
	e.keys("\t")
	if e.Rows()[1] != long+"1" || string(e.line) != long {
		t.Errorf("%q, line %q", e.Rows()[1], e.line)
	}
}

func TestClearScreen(t *testing.T) {
	e := newTyped(t, words())
	e.keys("one\ntwo" + left + "\x0c")
	if len(e.Rows()) != 1 || e.Line() != "(qemu) two" || e.Column() != len("(qemu) tw") {
		t.Errorf("screen %q, cursor at %d", e.Rows(), e.Column())
	}
}

// TestScreenIsTheLine types at random: what the terminal shows is always the line, with the cursor at its place.
func TestScreenIsTheLine(t *testing.T) {
	some := rapid.SampledFrom([]string{
		"a", "b", " ", "ä", "m", "i", up, down, left, right, home, end, del, "\x7f", "\x17", "\x15", "\x01", "\x05",
		"\x04", "\x0c", "\t", "\n",
	})
	rapid.Check(t, func(r *rapid.T) {
		e := newTyped(t, words("max", "mig", "mig2", "äa", "äb", "info"))
		for _, key := range rapid.SliceOf(some).Draw(r, "keys") {
			e.keys(key)
			if want := "(qemu) " + string(e.line); e.Line() != want {
				r.Fatalf("after %q the screen is %q, want %q", key, e.Line(), want)
			}
			if want := len([]rune("(qemu) " + string(e.line[:e.cursor]))); e.Column() != want {
				r.Fatalf("after %q the cursor is at %d, want %d", key, e.Column(), want)
			}
		}
	})
}

// TestEcho is what a client sees that only sends lines: each as it is, and the end of the line.
func TestEcho(t *testing.T) {
	e := NewEditor("", new(History), words())
	var echo []byte
	for _, c := range []byte("info status\n") {
		out, _, _ := e.Key(c)
		echo = append(echo, out...)
	}
	if string(echo) != "info status\r\n" {
		t.Errorf("%q", echo)
	}
}

func FuzzKeys(f *testing.F) {
	f.Add([]byte("info\x1b[A\t\n\xc3\xa4\x1b[D\x7f"))
	f.Fuzz(func(t *testing.T, keys []byte) {
		e := NewEditor("> ", new(History), words("info", "migrate"))
		for _, c := range keys {
			if e.Key(c); e.cursor < 0 || e.cursor > len(e.line) || len(e.line) > maxLine {
				t.Fatalf("cursor %d of %d", e.cursor, len(e.line))
			}
		}
	})
}
