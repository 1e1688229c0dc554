package golang

import (
	"strings"
	"testing"
)

func TestComment(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("word ", 30))
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"one", "// one\n"},
		{"one\ntwo  three", "// one two three\n"},
		{"one\n\ntwo", "// one\n//\n// two\n"},
		{long, "// " + long[:104] + "\n// " + long[105:] + "\n"},
		{strings.Repeat("x", 200), "// " + strings.Repeat("x", 200) + "\n"},
	} {
		var p printer
		p.comment(test.text)
		if got := p.String(); got != test.want {
			t.Errorf("%q\n got  %q\n want %q", test.text, got, test.want)
		}
	}
}

func TestLower(t *testing.T) {
	for text, want := range map[string]string{
		"":             "",
		"A":            "A",
		"A page":       "a page",
		"Tells all":    "tells all",
		"QMP itself":   "QMP itself",
		"already so":   "already so",
		"X-rays, also": "x-rays, also",
	} {
		if got := lower(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
