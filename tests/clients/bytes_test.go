package clients

import (
	"strings"
	"testing"
)

// TestSameBytesSameAnswers sends bytes, good and bad, to a real QEMU and to the server.
func TestSameBytesSameAnswers(t *testing.T) {
	theirs, ours := launchBoth(t)
	for name, cases := range map[string][]string{
		"framing": framing(), "lexer": lexer(), "parser": parser(), "escapes": escapes(), "scalars": scalars(),
		"limits": limits(), "negotiation": negotiation(), "requests": requests(), "oob": outOfBand(),
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range cases {
				sameAnswers(t, theirs, ours, text)
			}
		})
	}
}

// echo makes a request whose reply holds id.
func echo(id string) string { return `{"execute": "nope", "id": ` + id + "}\n" }

func framing() []string {
	return []string{
		"", "\n", "\r\n\t \n", "\n\n\n" + negotiate + "\n\n",
		negotiate + `{"execute":"query-status","id":1}{"execute":"query-status","id":2}` + "\n" + `{"execute":"query-status","id":3}`,
		negotiate + "{\"execute\"\n:\r\n\t\"query-status\"\n}",
		"1\n", "1", "true\n", "null\n", `"x"`, "[]", "[1, 2]", "1 2\n", "[][]{}", "1 true null \n",
		negotiate + `{"execute": "query-sta`, negotiate + `{"execute": [`,
	}
}

func lexer() []string {
	return []string{
		"\"abc\n", "\"abc\n{\"execute\": \"x\"}\n", "-\n-1\n", "True\n", "@ foo bar\n", "@ foo {} bar\n",
		negotiate + `{"execute":"query-name"} // hi` + "\n",
		"01\n", "00", "1.\n", "+1\n", "0x10\n", "1e\n", "1e+\n", "[1e", "[0", "-x", "-", "--1\n", "1.5.5\n", ".5\n",
		negotiate + `{"execute":@ zzz "query-name"}` + "\n",
		negotiate + `{"execute":"query-na` + "\xff" + `{"execute":"query-name"}`,
		negotiate + `{"execute":"query-na` + "\xfe" + `{"execute":"query-name"}`,
		negotiate + `{"execute":"query-na` + "\x1b" + `{"execute":"query-name"}`,
		negotiate + `{"execute":"query-na` + "\f" + `{"execute":"query-name"}`,
		negotiate + `{"execute":"query-na` + "\x00" + `{"execute":"query-name"}`,
		"\x00", "\"a\tb\"\n", "\"a\x01b\"\n", "\xff\xff\xff", "{\xff", "{\x01", "{'bad \xff", "{'execute': 'nonexistent', 'id':'\n",
		"%p\n", "%d %s\n", "'%s'\n", "{'a': %p}\n", "# comment\n", "/* c */ {}\n", "\xc3\xa9\n", "\x80\x81{}\n", "truer\n",
		"nul\n", "tru e\n", "NaN Infinity\n", "{'a': tRue}\n", "\"\xff\"\n", "\"\\\xff\"\n", "\"\\\x01\"\n", "\x7f{}\n", "\v{}",
		"@\t{}\n", "@ } ] : ,\n", "\"abc", "'abc\n'abc'\n", "\"it's\"'say \"x\"'\n", "'it\\'s'\"it\\'s\"\n",
	}
}

func parser() []string {
	return []string{
		`{"a":}`, `[1,]`, `[,]`, `{,}`, `{"x":1,}`, "}", "]", ":", ",", "{]", `{"a":1]`, "[1}", "[1 2]", `{"a" 1}`, `{1:2}`,
		`{nul:2}`, `{true:1}`, `{null:1}`, `{"a":1 "b":2}`, `{"a":1,"a":2}`, `{"x":{"a":1,"a":2}}`, `[{"a":1,"a":2}]`,
		`{[]:1}`, `{{}:1}`, `{"a":nope}`, `[nope]`, `{"a":"\x41"}`, `["\x41" "\u12"]`, "[[[", "[[[]]", `{"a":{"b":}}`,
		"[}]", "{]}", `{"a":[}`, "[1,,2]", `{"a"::1}`, `{"a",1}`, `{:1}`, `{"a":1:2}`, `[1:2]`, `["a":1]`, "[]]", "{}}", "][",
		"}{", `{'abc':32,}`, `{32:'abc'}`, "[32, ", `["abc`, `{'abc':`, `{'abc'`,
	}
}

func escapes() []string {
	var out []string
	for _, body := range []string{
		`\b\f\n\r\t\/\\\"\'`, `\u0000`, `\u0041`, `\u00e9`, `\uD83D\uDE00`, `\ud83d\ude00`, `\uFFFD`,
		`\x41`, `\0`, `\u`, `\u1`, `\u12`, `\u123`, `\u12G4`, `\uD83D`, `\uDE00`, `\uD83D\n`, `\uD83Dx`, `\uD83D\u0041`,
		`\uDE00\uD83D`, `\uFDD0`, `\uFDEF`, `\uFFFE`, `\uFFFF`, `\uD83F\uDFFE`, `\uD83D\uD83D`, `\uD83D\u12`, `\u 123`, `\u-123`,
		"é", "\u20ac", "\U0001f600", "\U0010ffff", "\x7f", "/", "\xc0\x80", "\xc1\x80", "\xe0\x80\x80", "\xed\xa0\x80",
		"\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80", "\x80", "\xbf", "\xc3",
		"\xe2\x82", "\xf0\x9f\x98", "\xef\xb7\x90", "\xef\xbf\xbe", "\xef\xbf\xbf", "\xc3x", "\xe2\x82x", "\xef\xbf\xbd",
	} {
		out = append(out, echo(`"`+body+`"`), echo(`'`+body+`'`), `{"execute": "`+body+`"}`)
	}
	return append(out, echo(`'"'`), echo(`"'"`), echo(`""`), echo(`''`))
}

func scalars() []string {
	var out []string
	for _, number := range []string{
		"0", "-0", "1", "-1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
		"18446744073709551615", "18446744073709551616", "123456789012345678901234567890", "1.10", "0.1", "1e-7", "1e2", "3.0",
		"-0.0", "0.0", "1E5", "1e+5", "1e05", "0.5e1", "0e5", "1.7976931348623157e308", "5e-324", "1e-400", "1e22", "1e17",
		"123456789.123456789", "0.30000000000000004", "true", "false", "null", "[]", "{}", "[1, [2, {}], {\"a\": [null]}]",
	} {
		out = append(out, echo(number), echo("["+number+"]"))
	}
	return out
}

// limits leaves out the count and the size of tokens: QEMU takes seconds for a string of a megabyte.
func limits() []string {
	deep := func(n int, open, close string) string { return strings.Repeat(open, n) + strings.Repeat(close, n) }
	return []string{
		deep(1023, "[", "]"), deep(1024, "[", "]"), deep(1025, "[", "]"),
		echo(deep(1023, "[", "]")), echo(deep(1024, "[", "]")),
		strings.Repeat(`{"a":`, 1024) + "1" + strings.Repeat("}", 1024), strings.Repeat(`{"a":`, 1025) + "1" + strings.Repeat("}", 1025),
		"[" + strings.Repeat("1,", 3000) + "1]", echo(`"` + strings.Repeat("x", 10000) + `"`),
	}
}

func negotiation() []string {
	return []string{
		`{"execute":"query-status"}`, `{"execute":"nope","id":7}`, `{"execute":"query-status","extra":1}`,
		`{"exec-oob":"migrate-pause"}`, `{"exec-oob":"qmp_capabilities"}`, "{}", "null\n", `{"execute": true}`,
		`{"execute":"qmp_capabilities","arguments":{"enable":["nope"]}}{"execute":"query-status"}`,
		`{"execute":"qmp_capabilities","arguments":{"enable":"oob"}}`, `{"execute":"qmp_capabilities","arguments":{"enable":{}}}`,
		`{"execute":"qmp_capabilities","arguments":{"enable":null}}`, `{"execute":"qmp_capabilities","arguments":{"enable":[1]}}`,
		`{"execute":"qmp_capabilities","arguments":{"enable":["oob",1]}}`, `{"execute":"qmp_capabilities","arguments":{"foo":1}}`,
		`{"execute":"qmp_capabilities","arguments":[]}`, `{"execute":"qmp_capabilities","arguments":{"enable":[]},"id":[]}`,
		`{"execute":"qmp_capabilities","arguments":{"enable":["oob","oob"]}}{"execute":"query-status"}`,
		negotiate + negotiate, negotiate + `{"execute":"qmp_capabilities","arguments":{"foo":1}}`,
		negotiate + `{"execute":"query-status"}` + `{"execute":"query-name"}`,
		negotiate + `{"exec-oob":"query-status"}`, negotiate + `{"exec-oob":1,"execute":"query-name"}`,
	}
}

func requests() []string {
	var out []string
	for _, request := range []string{
		"{}", `{"id":1}`, `{"execute":"nope"}`, `{"execute":"nope","id":"x"}`, `{"execute":""}`, `{"execute":null}`, `{"execute":true}`,
		`{"execute":["query-status"]}`, `{"execute":"query-status","arguments":[]}`, `{"execute":"query-status","arguments":null}`,
		`{"execute":"query-status","arguments":{}}`, `{"execute":"query-status","arguments":{"a":1}}`,
		`{"execute":"query-status","extra":1}`, `{"execute":"nope","extra":1,"id":5}`, `{"extra":1}`, `{"execute":"query-status","control":{}}`,
		`{"execute":"query-status","exec-oob":"query-status"}`, `{"execute":"query-version","id":{"a":[1,null]}}`,
		`{"execute":"query-version","id":null}`, `{"arguments":{},"id":3}`, `{"EXECUTE":"query-status"}`, `{"execute":"QUERY-STATUS"}`,
		`{"execute":"query-status "}`, `{"execute":"query_status"}`, `{"execute":"query-status","id":1,"id":2}`,
		`{'execute':'query-status'}`, `{"id":[],"execute":"query-status"}`, `{"execute":"\u0071uery-status"}`,
		`{"execute":"query-status\u0000"}`, `{"execute":"a\nb"}`, `{"execute":"é"}`, `{"":1}`, `{"execute":"query-status","":1}`,
	} {
		out = append(out, request, negotiate+request)
	}
	return out
}

func outOfBand() []string {
	const oob = `{"execute":"qmp_capabilities","arguments":{"enable":["oob"]}}`
	return []string{
		oob, oob + `{"exec-oob":"query-status","id":1}`, oob + `{"exec-oob":"nope","id":1}`, oob + `{"exec-oob":"qmp_capabilities","id":1}`,
		oob + `{"exec-oob":1}`, oob + `{"exec-oob":"query-status","execute":"query-status"}`,
		oob + `{"exec-oob":"query-status","execute":1}`, oob + `{"exec-oob":"query-status","extra":1}`,
		oob + `{"exec-oob":"query-status","arguments":1}`, oob + `{"exec-oob":"migrate-pause","arguments":{"a":1},"id":1}`,
		oob + `{"execute":"migrate-pause","arguments":{"a":1},"id":1}`, oob + `{"exec-oob":"yank","id":1}`,
		oob + `{"exec-oob":"yank","arguments":{"instances":[{"type":"chardev","id":"no"}]},"id":1}`,
		oob + `{"exec-oob":"migrate-recover","arguments":{"uri":1},"id":1}`, oob + "{]", oob + "{] @\n {}",
		oob + strings.Repeat(`{"execute":"query-status"}`, 100),
	}
}
