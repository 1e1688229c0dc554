package syntax

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestExpr(t *testing.T) {
	for _, row := range []struct {
		text string
		want int64
		rest string
		err  string
	}{
		{"1", 1, "", ""}, {" 0x10*4", 64, "", ""}, {"010", 8, "", ""}, {"0xfF", 255, "", ""}, {"0", 0, "", ""},
		{"1 + 2 * 3", 7, "", ""}, {"1+2&3", 3, "", ""}, {"6 & 3 ^ 1", 3, "", ""}, {"1|6", 7, "", ""},
		{"7/2", 3, "", ""}, {"-7%4", -3, "", ""}, {"(1 + 2)* 3", 9, "", ""}, {"~0", -1, "", ""}, {"- -3", 3, "", ""},
		{"+5", 5, "", ""}, {"'a'+1", 98, "", ""}, {"'\xff'", -1, "", ""}, {"2-3", -1, "", ""},
		{"18446744073709551615", -1, "", ""}, {"9223372036854775807+1", math.MinInt64, "", ""},
		{"1 2", 1, "2", ""}, {"08", 0, "8", ""}, {"0x", 0, "x", ""}, {"0xg", 0, "xg", ""}, {"5 $", 5, "$", ""},
		{"", 0, "", "unexpected end of expression"}, {"1+", 0, "", "unexpected end of expression"},
		{"z", 0, "z", "invalid char 'z' in expression"}, {"1*\"", 0, "\"", "invalid char '\"' in expression"},
		{"(1", 0, "", "')' expected"}, {"(1 2)", 0, "2)", "')' expected"},
		{"1/0", 0, "", "division by zero"}, {"1%0", 0, "", "division by zero"},
		{"18446744073709551616", 0, "", "number too large"}, {"0x10000000000000000", 0, "", "number too large"},
		{"$rip", 0, "$rip", "unknown register"},
		{"'", 0, "", "character constant expected"}, {"'ab'", 0, "b'", "missing terminating ' character"},
		{strings.Repeat("(", 5000), 0, "", "expression is nested too deeply"},
		{strings.Repeat("-", 500) + "1", 1, "", ""},
	} {
		s := NewScanner(row.text)
		got, err := s.Expr()
		text := ""
		if err != nil {
			text, got = err.Error(), 0
		}
		if got != row.want || text != row.err || err == nil && s.Rest() != row.rest {
			t.Errorf("%.20q: %d, rest %q, error %q; want %d, %q, %q", row.text, got, s.Rest(), text, row.want, row.rest, row.err)
		}
	}
}

func TestWord(t *testing.T) {
	for _, row := range []struct{ text, want, rest, err string }{
		{" one two", "one", " two", ""}, {`"one two"x`, "one two", "x", ""}, {`"a\n\r\\\'\"b"`, "a\n\r\\'\"b", "", ""},
		{`""`, "", "", ""}, {`'a b'`, "'a", " b'", ""}, {`a"b c"`, `a"b`, ` c"`, ""}, {"a\x00b", "a", "", ""},
		{"", "", "", "word expected"}, {" \t", "", "", "word expected"},
		{`"a\x"`, "", `"`, `unsupported escape code: '\x'`}, {`"a\`, "", "", "unsupported escape code: '\\\x00'"},
		{`"a`, "", "", "unterminated string"},
		{strings.Repeat("x", 2000) + " y", strings.Repeat("x", 1023), " y", ""},
		{`"` + strings.Repeat("x", 2000) + `" y`, strings.Repeat("x", 1023), " y", ""},
	} {
		s := NewScanner(row.text)
		got, err := s.Word()
		text := ""
		if err != nil {
			text = err.Error()
		}
		if got != row.want || s.Rest() != row.rest || text != row.err {
			t.Errorf("%.20q: %.20q, rest %q, error %q", row.text, got, s.Rest(), text)
		}
	}
}

func TestName(t *testing.T) {
	for _, row := range []struct{ text, want, before string }{
		{"  info status", "info", "  info"}, {"p/x 1", "p", "p"}, {"/x", "", ""}, {"", "", ""},
		{strings.Repeat("n", 300), strings.Repeat("n", 255), strings.Repeat("n", 300)},
	} {
		s := NewScanner(row.text)
		if got := s.Name(); got != row.want || s.Before() != row.before {
			t.Errorf("%.20q: %.20q, before %.20q", row.text, got, s.Before())
		}
	}
}

func TestFormat(t *testing.T) {
	last := Format{Count: 1, Letter: 'd', Size: 2}
	for _, row := range []struct {
		text string
		want Format
		rest string
		bad  string
	}{
		{"5", Format{1, 'd', 2}, "5", ""}, {"/x 5", Format{1, 'x', 2}, " 5", ""}, {" /4xg", Format{4, 'x', 8}, "", ""},
		{"/b", Format{1, 'd', 1}, "", ""}, {"/0hu", Format{0, 'u', 2}, "", ""}, {"/Lo", Format{1, 'o', 8}, "", ""},
		{"/i", Format{1, 'i', -1}, "", ""}, {"/wc", Format{1, 'c', 4}, "", ""}, {"/4294967297x", Format{1, 'x', 2}, "", ""},
		{"/z", last, "z", "invalid char in format: 'z'"}, {"/xq 1", last, "q 1", "invalid char in format: 'q'"},
	} {
		s := NewScanner(row.text)
		got, err := s.Format(last)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if got != row.want || s.Rest() != row.rest || text != row.bad {
			t.Errorf("%q: %v, rest %q, error %q", row.text, got, s.Rest(), text)
		}
	}
	if got := (Format{4, 'i', -1}).Last(last); got != (Format{4, 'i', 2}) {
		t.Errorf("after the letter i: %v", got)
	}
	if got, _ := NewScanner("").Format(Format{4, 'i', 2}); got != (Format{1, 'i', -1}) {
		t.Errorf("once more the letter i: %v", got)
	}
}

func TestValues(t *testing.T) {
	show := func(v any, err error) string {
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint(v)
	}
	for _, row := range []struct{ kind, text, want, rest string }{
		{"size", "1", "1048576", ""}, {"size", " 2k x", "2048", " x"}, {"size", "x", "invalid size", ""},
		{"size", "8E", "invalid size", ""}, {"size", "-1", "invalid size", ""},
		{"seconds", "1.5", "1.5", ""}, {"seconds", " 250ms x", "0.25", " x"}, {"seconds", "1us", "1e-06", ""},
		{"seconds", "1ns", "1e-09", ""}, {"seconds", "1s", "Unknown unit suffix", ""}, {"seconds", "x", "Number expected", ""},
		{"seconds", "1e999", "Bad number", ""}, {"seconds", "nan", "Bad number", ""}, {"seconds", "1x", "Unknown unit suffix", ""},
		{"switch", "on", "true", ""}, {"switch", " off x", "false", " x"}, {"switch", "", "Expected 'on' or 'off'", ""},
		{"switch", "onx", "Expected 'on' or 'off'", ""}, {"switch", "true", "Expected 'on' or 'off'", ""},
	} {
		s := NewScanner(row.text)
		var got string
		switch row.kind {
		case "size":
			v, err := s.Size()
			got = show(v, err)
		case "seconds":
			v, err := s.Seconds()
			got = show(v, err)
		case "switch":
			v, err := s.OnOff()
			got = show(v, err)
		}
		if got != row.want || row.rest != "" && s.Rest() != row.rest {
			t.Errorf("%s %q: %s, rest %q", row.kind, row.text, got, s.Rest())
		}
	}
}

func TestWords(t *testing.T) {
	if got, ok := Words(` a "b c"d `, 3); !ok || !slices.Equal(got, []string{"a", "b c", "d"}) {
		t.Errorf("%q, %t", got, ok)
	}
	for _, line := range []string{"a b c d", `a "b`} {
		if got, ok := Words(line, 3); ok {
			t.Errorf("%q: %q", line, got)
		}
	}
}

// FuzzScanner reads everything that can be read, one after the other: it stays within the line, and goes forward.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{"migrate -d tcp:1:2", `x/4xg "a\n" (1+2)*'c' 1.5k 10ms on`, "p ~-+((((", "0x 08 \x00 \xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		for _, read := range []func(*Scanner) error{
			func(s *Scanner) error { s.Name(); return nil },
			func(s *Scanner) error { _, err := s.Word(); return err },
			func(s *Scanner) error { _, err := s.Expr(); return err },
			func(s *Scanner) error { _, err := s.Size(); return err },
			func(s *Scanner) error { _, err := s.Seconds(); return err },
			func(s *Scanner) error { _, err := s.OnOff(); return err },
			func(s *Scanner) error { _, err := s.Format(DefaultFormat()); return err },
			func(s *Scanner) error { s.Remainder(); return nil },
		} {
			s := NewScanner(line)
			before := s.Rest()
			if err := read(s); err != nil && err.Error() == "" {
				t.Error("an error without a text")
			}
			if !strings.HasSuffix(before, s.Rest()) || s.Before()+s.Rest() != before {
				t.Errorf("%q became %q and %q", before, s.Before(), s.Rest())
			}
		}
		Words(line, 16)
	})
}
