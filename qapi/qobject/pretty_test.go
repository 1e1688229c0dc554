package qobject

import (
	"strings"
	"testing"
)

func TestAppendPretty(t *testing.T) {
	for _, c := range []struct{ compact, want string }{
		{`1`, `1`},
		{`"a, {b"`, `"a, {b"`},
		{`{}`, "{\n}"},
		{`[]`, "[\n]"},
		{`{"return": {}}`, `{
    "return": {
    }
}`},
		{`{"id": [1, {"x": []}, {}]}`, `{
    "id": [
        1,
        {
            "x": [
            ]
        },
        {
        }
    ]
}`},
		{`{"a": "\"}, ", "b": [true, null]}`, `{
    "a": "\"}, ",
    "b": [
        true,
        null
    ]
}`},
	} {
		if got := string(AppendPretty(nil, []byte(c.compact))); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.compact, got, c.want)
		}
		crlf := strings.ReplaceAll(c.want, "\n", "\r\n")
		if got := string(AppendPrettyLines([]byte("x"), []byte(c.compact), "\r\n")); got != "x"+crlf {
			t.Errorf("%s: got %q, want %q", c.compact, got, crlf)
		}
	}
}

func TestAppendPrettySurvivesRubbish(t *testing.T) {
	for _, text := range []string{`}`, `]]`, `"`, `"\`, `{`, `,`, `{,`} {
		AppendPretty(nil, []byte(text))
	}
}
