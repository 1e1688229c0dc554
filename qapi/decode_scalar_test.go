package qapi

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"qmpmigrate/qapi/qobject"
)

// decodeMember decodes the object {"m": V} whose only member is of the type that decode gives.
func decodeMember[T any](t *testing.T, text string, decode valueFunc[T]) (T, string) {
	t.Helper()
	c := &cursor{}
	o := c.object(parse(t, `{"m": `+text+`}`))
	x := required(o, "m", decode)
	o.end()
	if c.err != nil {
		return x, c.err.Desc
	}
	if len(c.path) != 0 {
		t.Errorf("path is left at %v", c.path)
	}
	return x, ""
}

// listOf decodes a list of what decode gives.
func listOf[T any](decode valueFunc[T]) valueFunc[[]T] {
	return func(c *cursor, v any) []T { return decodeList(c, v, decode) }
}

func check[T any](t *testing.T, decode valueFunc[T], text string, want T, wantErr string) {
	t.Helper()
	got, err := decodeMember(t, text, decode)
	if err != wantErr || err == "" && !reflect.DeepEqual(got, want) {
		t.Errorf("%s as %T: got %v, %q, want %v, %q", text, want, got, err, want, wantErr)
	}
}

func TestScalars(t *testing.T) {
	const wrong = "Invalid parameter type for 'm', expected: "
	check(t, decodeString, `"x"`, "x", "")
	check(t, decodeString, `1`, "", wrong+"string")
	check(t, decodeBool, `true`, true, "")
	check(t, decodeBool, `"true"`, false, wrong+"boolean")
	check(t, decodeNull, `null`, qobject.Null{}, "")
	check(t, decodeNull, `0`, qobject.Null{}, wrong+"null")
	check[any](t, decodeAny, `null`, qobject.Null{}, "")
	check[any](t, decodeAny, `[1]`, qobject.List{int64(1)}, "")

	for _, test := range []struct {
		text string
		want float64
		err  string
	}{
		{"1.5", 1.5, ""},
		{"-3", -3, ""},
		{"18446744073709551615", math.MaxUint64, ""},
		{"1e300", 1e300, ""},
		{`"1"`, 0, wrong + "number"},
		{"null", 0, wrong + "number"},
	} {
		check(t, decodeNumber, test.text, test.want, test.err)
	}

	check(t, decodeInt64, "9223372036854775807", math.MaxInt64, "")
	check(t, decodeInt64, "-9223372036854775808", math.MinInt64, "")
	for _, text := range []string{"9223372036854775808", "1.0", `"1"`, "null", "true", "1e2"} {
		check(t, decodeInt64, text, 0, wrong+"integer")
		check(t, decodeInt8, text, 0, wrong+"integer")
	}
	check(t, decodeUint64, "18446744073709551615", math.MaxUint64, "")
	check(t, decodeUint64, "-1", math.MaxUint64, "")
	check(t, decodeUint64, "-9223372036854775808", 1<<63, "")
	for _, text := range []string{"18446744073709551616", "1.5", `"1M"`, "null", "[]"} {
		check(t, decodeUint64, text, 0, "Parameter 'm' expects uint64")
		check(t, decodeUint8, text, 0, "Parameter 'm' expects uint64")
	}
}

// TestSmallIntegers walks the edges of every width.
func TestSmallIntegers(t *testing.T) {
	edges(t, decodeInt8, math.MinInt8, math.MaxInt8, "int8_t")
	edges(t, decodeInt16, math.MinInt16, math.MaxInt16, "int16_t")
	edges(t, decodeInt32, math.MinInt32, math.MaxInt32, "int32_t")
	edges(t, decodeUint8, 0, math.MaxUint8, "uint8_t")
	edges(t, decodeUint16, 0, math.MaxUint16, "uint16_t")
	edges(t, decodeUint32, 0, math.MaxUint32, "uint32_t")
}

func edges[T int8 | int16 | int32 | uint8 | uint16 | uint32](t *testing.T, decode valueFunc[T], low, high int64, ctype string) {
	t.Helper()
	check(t, decode, fmt.Sprint(low), T(low), "")
	check(t, decode, fmt.Sprint(high), T(high), "")
	check(t, decode, fmt.Sprint(low-1), 0, "Parameter 'm' expects "+ctype)
	check(t, decode, fmt.Sprint(high+1), 0, "Parameter 'm' expects "+ctype)
}

// TestListElements: elements have a path but no name, which shows in the messages that name only the last part.
func TestListElements(t *testing.T) {
	check(t, listOf(decodeString), `[]`, []string{}, "")
	check(t, listOf(decodeString), `["a", "b"]`, []string{"a", "b"}, "")
	check(t, listOf(decodeString), `["a", 1, 2]`, nil, "Invalid parameter type for 'm[1]', expected: string")
	check(t, listOf(decodeString), `"a"`, nil, "Invalid parameter type for 'm', expected: array")
	check(t, listOf(decodeUint64), `[1, "x"]`, nil, "Parameter 'm[1]' expects uint64")
	check(t, listOf(decodeUint8), `[256]`, nil, "Parameter 'null' expects uint8_t")
	check(t, listOf(decodeQMPCapability), `["nope"]`, nil, "Parameter 'null' does not accept value 'nope'")
	check(t, listOf(decodeQMPCapability), `["oob", "oob"]`, []QMPCapability{QMPCapabilityOOB, QMPCapabilityOOB}, "")
	check(t, listOf(decodeStrOrNull), `[1]`, nil, "Invalid parameter type for 'null', expected: StrOrNull")
	check(t, listOf(decodeObject[CommandInfo]), `[{"name": "a"}, {}]`, nil, "Parameter 'm[1].name' is missing")
}

// TestAbsent: what is absent is nil; an empty list is not.
func TestAbsent(t *testing.T) {
	args, err := DecodeMigrateArgs(nil)
	if err != nil || args.URI != nil || args.Channels != nil || args.Detach != nil {
		t.Errorf("no arguments: %+v, %v", args, err)
	}
	args, err = DecodeMigrateArgs(parse(t, `{"channels": [], "uri": ""}`))
	if err != nil || args.Channels == nil || len(args.Channels) != 0 || args.URI == nil || *args.URI != "" {
		t.Errorf("empty arguments: %+v, %v", args, err)
	}
	member, err := DecodeSchemaInfoObjectMember(parse(t, `{"name": "n", "type": "t", "default": null}`))
	if err != nil || member.Default != (qobject.Null{}) {
		t.Errorf("null default: %+v, %v", member, err)
	}
	member, err = DecodeSchemaInfoObjectMember(parse(t, `{"name": "n", "type": "t"}`))
	if err != nil || member.Default != nil {
		t.Errorf("no default: %+v, %v", member, err)
	}
}

// TestUnionBranch: only the branch that the discriminator names is set.
func TestUnionBranch(t *testing.T) {
	a, err := DecodeMigrationAddress(parse(t, `{"transport": "socket", "path": "/p", "type": "unix", "abstract": false}`))
	if err != nil {
		t.Fatal(err)
	}
	want := MigrationAddress{Transport: MigrationAddressTypeSocket, Socket: &SocketAddress{
		Type: SocketAddressTypeUnix, Unix: &UnixSocketAddress{Path: "/p", Abstract: new(false)},
	}}
	if !reflect.DeepEqual(*a, want) {
		t.Errorf("got %+v", a)
	}
}
