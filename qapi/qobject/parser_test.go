package qobject

import (
	"slices"
	"testing"
)

type parseCase struct {
	in   string
	want []string
}

func jsonError(text string) string { return "! JSON parse error, " + text }

// check runs every case in one piece, in single bytes and in a few sizes between, on one parser that is reset.
func check(t *testing.T, cases []parseCase) {
	t.Helper()
	var p Parser
	for _, c := range cases {
		for _, piece := range []int{0, 1, 2, 3, 7} {
			p.Reset()
			if got := feed(&p, c.in, piece); !slices.Equal(got, c.want) {
				t.Errorf("%q in pieces of %d:\n got %q\nwant %q", c.in, piece, got, c.want)
			}
		}
	}
}

func TestValues(t *testing.T) {
	check(t, []parseCase{
		{"{}", []string{"= {}"}},
		{"[]", []string{"= []"}},
		{" \t\r\n", nil},
		{"null ", []string{"= null"}},
		{"true false\n", []string{"= true", "= false"}},
		{"true", nil}, // a word has no end of its own
		{"12", nil},
		{"12 ", []string{"= 12"}},
		{`"a"`, []string{`= "a"`}},
		{`'it"s'`, []string{`= "it\"s"`}},
		{`"it's"`, []string{`= "it's"`}},
		{`'\''"\'"`, []string{`= "'"`, `= "'"`}},
		{`{"a":1,'b':[true,null,{}]}`, []string{`= {"a": 1, "b": [true, null, {}]}`}},
		{"[ 1 , [ ] , \"x\" ]", []string{`= [1, [], "x"]`}},
		{`{}{}[]"x"1[]`, []string{"= {}", "= {}", "= []", `= "x"`, "= 1", "= []"}},
		{`{"a":{"b":{"c":[[[]]]}}}`, []string{`= {"a": {"b": {"c": [[[]]]}}}`}},
		{`{"":""}`, []string{`= {"": ""}`}},
	})
}

func TestNumbers(t *testing.T) {
	check(t, []parseCase{
		{"9223372036854775807 ", []string{"= 9223372036854775807"}},
		{"-9223372036854775808 ", []string{"= -9223372036854775808"}},
		{"9223372036854775808 ", []string{"= 9223372036854775808"}},
		{"18446744073709551615 ", []string{"= 18446744073709551615"}},
		{"18446744073709551616 ", []string{"= 1.8446744073709552e+19"}},
		{"-9223372036854775809 ", []string{"= -9.2233720368547758e+18"}},
		{"-0 0 -0.0 ", []string{"= 0", "= 0", "= -0"}},
		{"1.10 0.1 1e-7 1e2 3.0 ", []string{
			"= 1.1000000000000001", "= 0.10000000000000001", "= 9.9999999999999995e-08", "= 100", "= 3"}},
		{"1E5 1e+5 1.5e5 0.5E-1 ", []string{"= 100000", "= 100000", "= 150000", "= 0.050000000000000003"}},
		{"1e400 -1e400 ", []string{"= 1.7976931348623157e+308", "= -1.7976931348623157e+308"}},
		{"1e-400 ", []string{"= 0"}},
		{"0e5 ", []string{"= 0", jsonError("invalid keyword 'e'"), "= 5"}},
		{"0x10\n", []string{"= 0", jsonError("invalid keyword 'x'"), "= 10"}},
		{"1 2\n", []string{"= 1", "= 2"}},
		{"1a ", []string{"= 1", jsonError("invalid keyword 'a'")}},
		{"1.5.", []string{"= 1.5", jsonError("stray '.'")}},
		{"[1,-2]", []string{"= [1, -2]"}},
	})
	for _, c := range []struct {
		in   string
		want any
	}{
		{"1", int64(1)},
		{"9223372036854775808", uint64(1 << 63)},
		{"18446744073709551616", 18446744073709551616.0},
		{"1.0", 1.0},
		{"1e0", 1.0},
	} {
		if v, err := Parse(c.in); err != nil || v != c.want {
			t.Errorf("%s: %T %v, %v", c.in, v, v, err)
		}
	}
}

func TestStrings(t *testing.T) {
	invalid := []string{jsonError("invalid UTF-8 sequence in string")}
	noUnicode := func(shown string) []string {
		return []string{jsonError(shown + " is not a valid Unicode character")}
	}
	check(t, []parseCase{
		{`"\"\\\/\b\f\n\r\t\'"`, []string{`= "\"\\/\b\f\n\r\t'"`}},
		{`"\u0041\u00e9\u00E9\u20ac"`, []string{`= "A\u00E9\u00E9\u20AC"`}},
		{`"\u0000"`, []string{`= "\u0000"`}},
		{"\"\xc0\x80\"", []string{`= "\u0000"`}},
		{`"\ud83d\ude00"`, []string{`= "\uD83D\uDE00"`}},
		{`"é€😀"`, []string{`= "\u00E9\u20AC\uD83D\uDE00"`}},
		{"\"\x7f\"", []string{`= "\u007F"`}},
		{`"\x41"`, []string{jsonError("invalid escape sequence in string")}},
		{`"\U0041"`, []string{jsonError("invalid escape sequence in string")}},
		{`"\u12"`, noUnicode(`\u12"`)},
		{`"\u"`, noUnicode(`\u"`)},
		{`"\u12"  `, noUnicode(`\u12"`)},
		{`"\u12g4"`, noUnicode(`\u12g4`)},
		{`"\u123"`, noUnicode(`\u123"`)},
		{`"\udc00"`, noUnicode(`\udc00`)},
		{`"\ud800"`, noUnicode(`\ud800`)},
		{`"\ud800x"`, noUnicode(`\ud800`)},
		{`"\ud800\n"`, noUnicode(`\ud800`)},
		{`"\ud800\u0041"`, noUnicode(`\ud800`)},
		{`"\ud800\ud800"`, noUnicode(`\ud800`)},
		{`"\ud800\u"`, noUnicode(`\ud800`)},
		{`"\ud800\u12"`, noUnicode(`\ud800`)},
		{`"\uffff"`, noUnicode(`\uffff`)},
		{`"\ufdd0"`, noUnicode(`\ufdd0`)},
		{`"\ud83f\udffe"`, noUnicode(`\ud83f\udffe`)}, // U+1FFFE
		{"\"\xc0\xaf\"", invalid},
		{"\"\xed\xa0\x80\"", invalid},
		{"\"\xe2\x82\"", invalid},
		{"\"\x80\"", invalid},
		{"\"\xef\xbf\xbf\"", invalid},
		{"\"\xef\xb7\x90\"", invalid},
		{"\"\xf8\x88\x80\x80\x80\"", invalid},
	})
}

// TestResynchronisation goes through the lexer's answers to bytes that fit nowhere.
func TestResynchronisation(t *testing.T) {
	value := jsonError("expecting value")
	name := `= {"execute": "query-name"}`
	check(t, []parseCase{
		{"\"abc\n" + "{}\n" + "{}\n", []string{jsonError("stray '\"abc\n'"), "= {}", "= {}"}},
		{"\"abc\n" + "next line\n" + "{}", []string{jsonError("stray '\"abc\n'"), "= {}"}},
		{"-\n-1\n", []string{jsonError("stray '-\n'")}},
		{"-\n-1\n2\n", []string{jsonError("stray '-\n'"), "= 2"}},
		{"True\n", []string{jsonError("stray 'T'")}},
		{"@ foo bar\n", []string{jsonError("stray '@'")}},
		{`{"execute":"query-name"} // hi` + "\n", []string{name, jsonError("stray '/'")}},
		{"01\n", []string{jsonError("stray '01'")}},
		{"00\n", []string{jsonError("stray '00'")}},
		{"-01\n", []string{jsonError("stray '-01'")}},
		{"1.\n", []string{jsonError("stray '1.\n'")}},
		{".5\n", []string{jsonError("stray '.'")}},
		{"[1e\n]", []string{jsonError("stray '1e\n'"), value}},
		{"1e+x", []string{jsonError("stray '1e+x'")}},
		{"+1\n", []string{jsonError("stray '+'")}},
		{"%p\n", []string{jsonError("stray '%'")}},
		{"NaN\n", []string{jsonError("stray 'N'")}},
		{`{"execute":@ zzz "query-name"}` + "\n", []string{jsonError("stray '@'"), value}},
		{"\"execute\xff", []string{jsonError("stray '\"execute\xff'")}},
		{"{\"execute\":\"query-na\xff{\"execute\":\"query-name\"}", []string{jsonError("stray '\"query-na\xff'"), name}},
		{"{\"execute\":\"query-na\x1b{\"execute\":\"query-name\"}", []string{jsonError("stray '\"query-na\x1b'"), name}},
		{"{\"execute\":\"query-na\x0c{\"execute\":\"query-name\"}", []string{jsonError("stray '\"query-na\f'"), name}},
		{"\xff\xff\xff", []string{jsonError("stray '\xff'"), jsonError("stray '\xff'"), jsonError("stray '\xff'")}},
		{"\xfe", []string{jsonError("stray '\xfe'")}},
		{"\x00", []string{jsonError("stray ''")}},
		{"\"\x00", []string{jsonError("stray '\"'")}},
		{"\"ab\x00", []string{jsonError("stray '\"ab'")}},
		{"\"a\tb\"\n{}", []string{jsonError("stray '\"a\t'"), "= {}"}},
		{"@\t\t{}", []string{jsonError("stray '@'"), "= {}"}}, // TAB does not end the recovery
		{"@ ]", []string{jsonError("stray '@'"), value}},
		{"@\x01", []string{jsonError("stray '@'"), jsonError("stray '\x01'")}},
		{"\"\\\n\"x", []string{jsonError("stray '\"\\\n'")}},
		{"{\x0c{}", []string{jsonError("stray '\f'"), "= {}"}},
		{"{\x01{}", []string{jsonError("stray '\x01'"), "= {}"}},
		{"{'bad \xff{}", []string{jsonError("stray ''bad \xff'"), "= {}"}},
		{"{'execute': 'nonexistent', 'id':'\n{}", []string{jsonError("stray ''\n'"), "= {}"}},
		{"[0\xff]", []string{jsonError("stray '\xff'"), value}},
		{"\x80", []string{jsonError("stray '\x80'")}},
	})
}

func TestSyntaxErrors(t *testing.T) {
	value := jsonError("expecting value")
	dict, list := jsonError("expected separator in dict"), jsonError("expected separator in list")
	check(t, []parseCase{
		{`{"a":}`, []string{value}},
		{`[1,]`, []string{value}},
		{`[,]`, []string{value}},
		{`{,}`, []string{value}},
		{`{:1}`, []string{value}},
		{`{"x":1,}`, []string{value}},
		{`{'abc':32,}`, []string{value}},
		{`}`, []string{value}},
		{`]`, []string{value}},
		{`:`, []string{value}},
		{`,`, []string{value}},
		{`}{}`, []string{value, "= {}"}},
		{`{]`, []string{value}},
		{`[}`, []string{value}},
		{`{]}`, []string{value, value}},
		{`nul `, []string{jsonError("invalid keyword 'nul'")}},
		{`truer `, []string{jsonError("invalid keyword 'truer'")}},
		{`[nul]`, []string{jsonError("invalid keyword 'nul'")}},
		{`{nul:1}`, []string{jsonError("invalid keyword 'nul'")}},
		{`{1:2}`, []string{jsonError("key is not a string in object")}},
		{`{32:'abc'}`, []string{jsonError("key is not a string in object")}},
		{`{true:2}`, []string{jsonError("key is not a string in object")}},
		{`{{"a":1}:2}`, []string{jsonError("key is not a string in object")}},
		{`{[]:2}`, []string{jsonError("key is not a string in object")}},
		{`{[1 2]:2}`, []string{list}},
		{`{"a" 1}`, []string{jsonError("missing : in object pair")}},
		{`{"a"}`, []string{jsonError("missing : in object pair")}},
		{`{"a","b"}`, []string{jsonError("missing : in object pair")}},
		{`{"a":1 "b":2}`, []string{dict}},
		{`{"a":1:2}`, []string{dict}},
		{`{"a":1]`, []string{dict}},
		{`{"a":1]{}`, []string{dict, "= {}"}},
		{`[1 2]`, []string{list}},
		{`[1}`, []string{list}},
		{`[1:2]`, []string{list}},
		{`{"a":1,"a":2}`, []string{jsonError("duplicate key")}},
		{`{"a":1,"\u0061":2}`, []string{jsonError("duplicate key")}},
		{`[[{"x":{"a":1,"a":2}}]]`, []string{jsonError("duplicate key")}},
		{`{"a":1,"a":[1 2]}`, []string{list}}, // the inner error comes first
		{`[1 2, {"x": {}}, nul]`, []string{list}},
		{`["\x", nul]`, []string{jsonError("invalid escape sequence in string")}},
		{`[1 @ 2]`, []string{jsonError("stray '@'"), value}},
		{`{"a":{"b":{]}}}`, []string{value, value, value, value}},
		// the bracket that was never open ends the value; what is left over stands alone
		{`{"a":{"b":]}}`, []string{value, value, value}},
		{`arguments: []`, []string{jsonError("invalid keyword 'arguments'"), value, "= []"}},
	})
}

func TestParseOneText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"a": [1, 2.5, "x"]}`, `= {"a": [1, 2.5, "x"]}`},
		{` 12`, "= 12"},
		{`null`, "= null"},
		{`1.5e3`, "= 1500"},
		{`0`, "= 0"},
		{`""`, `= ""`},
		{``, "! Expecting a JSON value"},
		{" \n", "! Expecting a JSON value"},
		{`{`, jsonError("premature EOI")},
		{`[1,`, jsonError("premature EOI")},
		{`{"a"`, jsonError("premature EOI")},
		{`{"a":`, jsonError("premature EOI")},
		{`[1 2`, jsonError("expected separator in list")},
		{`"abc`, jsonError(`stray '"abc'`)},
		{`["abc`, jsonError(`stray '"abc'`)},
		{`"abc\`, jsonError(`stray '"abc\'`)},
		{`-`, jsonError("stray '-'")},
		{`1.`, jsonError("stray '1.'")},
		{`1e`, jsonError("stray '1e'")},
		{`nul`, jsonError("invalid keyword 'nul'")},
		{`[nul`, jsonError("invalid keyword 'nul'")},
		{`{} {}`, "! Expecting at most one JSON value"},
		{`1 2 3`, "! Expecting at most one JSON value"},
		{`{} }`, "! Expecting at most one JSON value"},
		{`} {}`, jsonError("expecting value")},
		{`@`, jsonError("stray '@'")},
		{`@ foo {}`, jsonError("stray '@'")},
	} {
		if got := outcome(Parse(c.in)); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestResetForgets(t *testing.T) {
	var p Parser
	for _, start := range []string{`{"a": [`, `"abc`, `@ `, `12`, `{"a": nul, `, `"\`} {
		feed(&p, start, 0)
		p.Reset()
		if got := feed(&p, `{"b": 1}`, 0); !slices.Equal(got, []string{`= {"b": 1}`}) {
			t.Errorf("after %q: %q", start, got)
		}
	}
}

// TestRecycle holds on to what was in an object that was given back.
func TestRecycle(t *testing.T) {
	var p Parser
	var first, seen *Dict
	var inner any
	take := func(v any, err error) {
		if err != nil {
			t.Fatal(err)
		}
		seen = v.(*Dict)
		if first == nil {
			first = seen
			inner, _ = seen.Get("a")
		}
		p.Recycle(seen)
	}
	p.Feed([]byte(`{"a": {"x": 1}}`), take)
	p.Feed([]byte(`{"b": {"y": [{}, 2]}}`), take)
	if seen != first {
		t.Error("the object was not used again")
	}
	if got := string(Append(nil, inner)); got != `{"x": 1}` {
		t.Errorf("what was in it is now %s", got)
	}
	p.Feed([]byte(`{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"10":0,"11":0,"12":0,"13":0,"14":0,"15":0,"16":0,"17":0}`), take)
	p.Feed([]byte(`{"c": 1}`), take)
	if got := string(Append(nil, seen)); seen == first || got != "{}" {
		t.Errorf("after a large one: again %v, %s", seen == first, got)
	}
}
