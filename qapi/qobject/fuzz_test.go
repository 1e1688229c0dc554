package qobject

import (
	"slices"
	"strings"
	"testing"
)

// FuzzParser checks that no input breaks the parser, that cutting the stream into pieces changes nothing, that every
// value reads back from its own text, and that the parser always recovers.
func FuzzParser(f *testing.F) {
	for _, seed := range []string{
		`{"execute":"query-status","id":{"a":[1,null]}}`,
		`{'execute': 'migrate', "arguments": {"uri": "tcp:127.0.0.1:4444"}}` + "\r\n",
		"{\"execute\":\"query-na\xff{\"execute\":\"query-name\"}",
		`[1e400, -0, 0.1, 18446744073709551616, 1E+5] true nul 0e5`,
		`"\u0000\ud83d\ude00\x" "` + "\xc0\x80\xed\xa0\x80\"",
		strings.Repeat("[", 1030), `}]:,`, "@ foo \x00", `{"a":1,"a":2}`, `{"a":1]`, "\"\\",
	} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, piece int) {
		var p Parser
		whole := feed(&p, string(data), 0)
		var q Parser
		if cut := feed(&q, string(data), 1+piece&31); !slices.Equal(whole, cut) {
			t.Fatalf("in one piece %q\nin pieces %q", whole, cut)
		}
		for _, one := range whole {
			text, ok := strings.CutPrefix(one, "= ")
			if !ok {
				continue
			}
			if again := outcome(Parse(text)); again != one {
				t.Fatalf("%q reads back as %q", one, again)
			}
			pretty := string(AppendPretty(nil, []byte(text)))
			if again := outcome(Parse(pretty)); again != one {
				t.Fatalf("%q, pretty, reads back as %q", one, again)
			}
		}
		after := feed(&p, "\xff{}", 0)
		if len(after) == 0 || after[len(after)-1] != "= {}" {
			t.Fatalf("no recovery: %q", after)
		}
	})
}

// FuzzAppendString checks that a string's text is printable ASCII and reads back as the same text.
func FuzzAppendString(f *testing.F) {
	for _, seed := range []string{"", "a\"b\\c\n", "é€😀", "\xff\xfe\xc0\x80\xed\xa0\x80", "\x00\x7f"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := AppendString(nil, s)
		for _, c := range text {
			if c < 0x20 || c > 0x7e {
				t.Fatalf("%q holds %#x", text, c)
			}
		}
		v, err := Parse(string(text))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if back, ok := v.(string); ok && string(AppendString(nil, back)) != string(text) {
			t.Fatalf("%q became %q", text, back)
		}
	})
}
