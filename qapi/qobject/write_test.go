package qobject

import (
	"math"
	"testing"
)

func TestAppendScalars(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{nil, "null"},
		{Null{}, "null"},
		{true, "true"},
		{false, "false"},
		{0, "0"},
		{int64(math.MinInt64), "-9223372036854775808"},
		{int64(math.MaxInt64), "9223372036854775807"},
		{uint64(math.MaxUint64), "18446744073709551615"},
		{1.10, "1.1000000000000001"},
		{0.1, "0.10000000000000001"},
		{1e-7, "9.9999999999999995e-08"},
		{1e-4, "0.0001"},
		{1e-5, "1.0000000000000001e-05"},
		{1e2, "100"},
		{3.0, "3"},
		{0.0, "0"},
		{math.Copysign(0, -1), "-0"},
		{1.5, "1.5"},
		{1e16, "10000000000000000"},
		{12345678901234567.0, "12345678901234568"},
		{1e17, "1e+17"},
		{123456789012345678.0, "1.2345678901234568e+17"},
		{18446744073709551616.0, "1.8446744073709552e+19"},
		{-9223372036854775809.0, "-9.2233720368547758e+18"},
		{1e100, "1e+100"},
		{math.SmallestNonzeroFloat64, "4.9406564584124654e-324"},
		{math.Inf(1), "1.7976931348623157e+308"},
		{math.Inf(-1), "-1.7976931348623157e+308"},
		{math.NaN(), "0"},
	} {
		if got := string(Append(nil, c.value)); got != c.want {
			t.Errorf("%v: got %s, want %s", c.value, got, c.want)
		}
	}
}

func TestAppendStrings(t *testing.T) {
	for _, c := range []struct{ value, want string }{
		{"", `""`},
		{"plain text", `"plain text"`},
		{`"\`, `"\"\\"`},
		{"\b\f\n\r\t", `"\b\f\n\r\t"`},
		{"/'", `"/'"`},
		{"\x00\x01\x1f", `"\u0000\u0001\u001F"`},
		{"\x7f", `"\u007F"`},
		{"é", `"\u00E9"`},
		{"a€b", `"a\u20ACb"`},
		{"😀", `"\uD83D\uDE00"`},
		{"\xff", `"\uFFFD"`},
		{"\xff\xfe", `"\uFFFD\uFFFD"`},
		{"\x80x", `"\uFFFDx"`},
		{"\xc0\x80", `"\u0000"`},                 // modified UTF-8
		{"\xc0\xaf", `"\uFFFD"`},                 // overlong
		{"\xe0\x80\xaf", `"\uFFFD"`},             // overlong
		{"\xf0\x80\x80\xaf", `"\uFFFD"`},         // overlong
		{"\xed\xa0\x80", `"\uFFFD"`},             // surrogate
		{"\xe2\x82x", `"\uFFFDx"`},               // cut short
		{"\xe2\x82", `"\uFFFD"`},                 // cut short at the end
		{"\xf8\x88\x80\x80\x80x", `"\uFFFDx"`},   // five bytes
		{"\xfc\x84\x80\x80\x80\x80", `"\uFFFD"`}, // six bytes
		{"\xef\xbf\xbf", `"\uFFFD"`},             // U+FFFF
		{"\xef\xb7\x90", `"\uFFFD"`},             // U+FDD0
		{"\xf4\x8f\xbf\xbd", `"\uDBFF\uDFFD"`},   // the last character
		{"\xf4\x90\x80\x80", `"\uFFFD"`},         // beyond it
	} {
		if got := string(AppendString(nil, c.value)); got != c.want {
			t.Errorf("%q: got %s, want %s", c.value, got, c.want)
		}
	}
}

func TestAppendContainers(t *testing.T) {
	inner := NewDict()
	inner.Set("a", List{})
	inner.Set(`"`, NewDict())
	got := string(Append([]byte("> "), List{int64(1), inner, "x", List{List{}}, Null{}}))
	want := `> [1, {"a": [], "\"": {}}, "x", [[]], null]`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := string(List{true}.AppendJSON(nil)) + string(Null{}.AppendJSON(nil)); got != "[true]null" {
		t.Errorf("got %s", got)
	}
}

func TestAppendRefusesForeignTypes(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Append(nil, struct{}{})
}
