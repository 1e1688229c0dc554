package qapi

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"qmpmigrate/qapi/qobject"
)

// TestRoundTrip: what is encoded, parsed and decoded is the same again, for random values of the types that nest the
// most between them.
func TestRoundTrip(t *testing.T) {
	t.Run("MigrationInfo", roundTrip(DecodeMigrationInfo))
	t.Run("MigrateSetParameters", roundTrip(DecodeMigrateSetParameters))
	t.Run("MigrationParameters", roundTrip(DecodeMigrationParameters))
	t.Run("MigrateArgs", roundTrip(DecodeMigrateArgs))
	t.Run("MigrateSetCapabilitiesArgs", roundTrip(DecodeMigrateSetCapabilitiesArgs))
	t.Run("SchemaInfo", roundTrip(DecodeSchemaInfo))
	t.Run("MemoryVerification", roundTrip(DecodeMemoryVerification))
	t.Run("StatusInfo", roundTrip(DecodeStatusInfo))
	t.Run("VersionInfo", roundTrip(DecodeVersionInfo))
}

func roundTrip[T any, P interface {
	*T
	Result
}](decode func(*qobject.Dict) (P, error)) func(*testing.T) {
	return rapid.MakeCheck(func(t *rapid.T) {
		var x T
		draw(t, reflect.ValueOf(&x).Elem())
		text := string(P(&x).AppendJSON(nil))
		v, err := qobject.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got, err := decode(v.(*qobject.Dict))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !reflect.DeepEqual(*got, x) {
			t.Fatalf("%s\n got  %+v\n want %+v", text, *got, x)
		}
		if again := string(got.AppendJSON(nil)); again != text {
			t.Fatalf("encoded again:\n got  %s\n want %s", again, text)
		}
	})
}

// draw fills v, which may be of any generated type, with a random value.
func draw(t *rapid.T, v reflect.Value) {
	if values := enumValues(v.Interface()); values != nil {
		v.SetString(rapid.SampledFrom(values).Draw(t, "enum"))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.String:
		// Strings that are not UTF-8 come back with replacements, and noncharacters not at all.
		v.SetString(rapid.StringOf(runes).Draw(t, "string"))
	case reflect.Float64:
		// Adding 0 turns -0 into 0: "-0" is read as an integer, which has no such thing.
		v.SetFloat(rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, "number") + 0)
	case reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.Uint64, reflect.Uint32, reflect.Uint16, reflect.Uint8:
		v.SetUint(rapid.Uint64Max(math.MaxUint64>>(64-v.Type().Bits())).Draw(t, "uint"))
	case reflect.Interface:
		if rapid.Bool().Draw(t, "present") {
			v.Set(reflect.ValueOf(qobject.Null{}))
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "present") {
			v.Set(reflect.New(v.Type().Elem()))
			draw(t, v.Elem())
		}
	case reflect.Slice:
		drawList(t, v)
	case reflect.Struct:
		drawStruct(t, v)
	default:
		t.Fatalf("no way to draw a %s", v.Type())
	}
}

func drawList(t *rapid.T, v reflect.Value) {
	n := rapid.IntRange(0, 3).Draw(t, "length")
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		draw(t, v.Index(i))
	}
}

func drawStruct(t *rapid.T, v reflect.Value) {
	tag, choices := choice(v)
	for i := range v.NumField() {
		if field := v.Type().Field(i).Name; !choices[field] {
			draw(t, v.Field(i))
		}
	}
	if choices == nil {
		return
	}
	if tag == "" { // an alternate: any one
		var names []string
		for i := range v.NumField() {
			names = append(names, v.Type().Field(i).Name)
		}
		tag = rapid.SampledFrom(names).Draw(t, "alternative")
	} else {
		tag = v.FieldByName(tag).String()
	}
	for name := range choices {
		if strings.EqualFold(name, tag) {
			f := v.FieldByName(name)
			f.Set(reflect.New(f.Type().Elem()))
			draw(t, f.Elem())
		}
	}
}

// choice tells which fields of a union or an alternate exclude each other, and which field decides.
func choice(v reflect.Value) (tag string, fields map[string]bool) {
	set := func(names ...string) map[string]bool {
		m := map[string]bool{}
		for _, n := range names {
			m[n] = true
		}
		return m
	}
	switch v.Interface().(type) {
	case StrOrNull:
		return "", set("S", "N")
	case SocketAddress:
		return "Type", set("Inet", "Unix", "Vsock", "FD")
	case MigrationAddress:
		return "Transport", set("Socket", "Exec", "RDMA", "File")
	case SchemaInfo:
		return "MetaType", set("Builtin", "Enum", "Array", "Object", "Alternate", "Command", "Event")
	}
	return "", nil
}

// enumValues lists the values of an enumeration; nil for other types.
func enumValues(v any) []string {
	switch v.(type) {
	case MigrationStatus:
		return names(MigrationStatusValues())
	case MigrationCapability:
		return names(MigrationCapabilityValues())
	case MultiFDCompression:
		return names(MultiFDCompressionValues())
	case MigMode:
		return names(MigModeValues())
	case ZeroPageDetection:
		return names(ZeroPageDetectionValues())
	case MigrationAddressType:
		return names(MigrationAddressTypeValues())
	case MigrationChannelType:
		return names(MigrationChannelTypeValues())
	case SocketAddressType:
		return names(SocketAddressTypeValues())
	case SchemaMetaType:
		return names(SchemaMetaTypeValues())
	case JSONType:
		return names(JSONTypeValues())
	case RunState:
		return names(RunStateValues())
	case MemoryFaultKind:
		return names(MemoryFaultKindValues())
	}
	return nil
}

func names[E ~string](values []E) (out []string) {
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}

// runes are all code points but those that the parser refuses: surrogates and noncharacters.
var runes = rapid.Rune().Filter(func(r rune) bool {
	return utf8.ValidRune(r) && r&0xFFFE != 0xFFFE && (r < 0xFDD0 || r > 0xFDEF)
})
