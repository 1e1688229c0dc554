package cmdline

import (
	"errors"
	"fmt"
	"math"
	"testing"
)

func TestParseBool(t *testing.T) {
	for text, want := range map[string]string{
		"on": "true true", "yes": "true true", "true": "true true", "y": "true true",
		"off": "false true", "no": "false true", "false": "false true", "n": "false true",
		"": "false false", "On": "false false", "1": "false false", "on ": "false false",
	} {
		value, ok := ParseBool(text)
		if got := fmt.Sprint(value, ok); got != want {
			t.Errorf("ParseBool(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestParseUint(t *testing.T) {
	for _, row := range []struct {
		text string
		want uint64
		err  error
	}{
		{"0", 0, nil}, {"00", 0, nil}, {"12", 12, nil}, {"0x1F", 31, nil}, {"0X1f", 31, nil}, {"010", 8, nil},
		{" \t7", 7, nil}, {"+7", 7, nil}, {"-1", math.MaxUint64, nil}, {"-0x1", math.MaxUint64, nil},
		{"18446744073709551615", math.MaxUint64, nil},
		{"18446744073709551616", 0, ErrRange}, {"0x10000000000000000", 0, ErrRange},
		{"", 0, ErrSyntax}, {"-", 0, ErrSyntax}, {"+-1", 0, ErrSyntax}, {"0x", 0, ErrSyntax}, {"08", 0, ErrSyntax},
		{"1 ", 0, ErrSyntax}, {"1_0", 0, ErrSyntax}, {"0b1", 0, ErrSyntax}, {"0x-1", 0, ErrSyntax}, {"1e3", 0, ErrSyntax},
	} {
		got, err := ParseUint(row.text)
		if got != row.want || !errors.Is(err, row.err) {
			t.Errorf("ParseUint(%q) = %d, %v; want %d, %v", row.text, got, err, row.want, row.err)
		}
	}
}

func TestParseInt(t *testing.T) {
	for _, row := range []struct {
		text string
		want int64
		err  error
	}{
		{"-5", -5, nil}, {"0x10", 16, nil}, {"9223372036854775807", math.MaxInt64, nil},
		{"-9223372036854775808", math.MinInt64, nil},
		{"9223372036854775808", 0, ErrRange}, {"-9223372036854775809", 0, ErrRange},
		{"99999999999999999999", 0, ErrRange}, {"x", 0, ErrSyntax}, {"--1", 0, ErrSyntax},
	} {
		got, err := ParseInt(row.text)
		if got != row.want || !errors.Is(err, row.err) {
			t.Errorf("ParseInt(%q) = %d, %v; want %d, %v", row.text, got, err, row.want, row.err)
		}
	}
}

func TestParseSize(t *testing.T) {
	const k = 1024
	for _, row := range []struct {
		text string
		want uint64
		err  error
	}{
		{"0", 0, nil}, {"4096", 4096, nil}, {"010", 10, nil}, {"5B", 5, nil}, {"5b", 5, nil},
		{"1k", k, nil}, {"1K", k, nil}, {"3M", 3 * k * k, nil}, {"1g", k * k * k, nil}, {"2T", 2 * k * k * k * k, nil},
		{"1P", 1 << 50, nil}, {"15E", 15 << 60, nil},
		{"1.5k", 1536, nil}, {"0.5M", 512 * k, nil}, {".5k", 512, nil}, {"1.k", k, nil}, {"12.345M", 12944671, nil},
		{"0.3k", 307, nil}, {"1.0k", k, nil}, {" 1k", k, nil}, {"+1k", k, nil},
		{"0x10", 16, nil}, {"0xB", 11, nil}, {"0x1E", 30, nil},
		{"18446744073709551615", math.MaxUint64, nil},
		{"18446744073709551616", 0, ErrRange}, {"16E", 0, ErrRange}, {"17179869184G", 0, ErrRange},
		{"-1", 0, ErrRange}, {"-1k", 0, ErrRange}, {"-0x1", 0, ErrRange}, {"0x10000000000000000", 0, ErrRange},
		{"15.99999999999999999999E", 0, ErrRange},
		{"", 0, ErrSyntax}, {"k", 0, ErrSyntax}, {".", 0, ErrSyntax}, {".k", 0, ErrSyntax}, {"1.5", 0, ErrSyntax},
		{"1.", 0, ErrSyntax}, {"1.5B", 0, ErrSyntax}, {"1KB", 0, ErrSyntax}, {"1KiB", 0, ErrSyntax}, {"1 k", 0, ErrSyntax},
		{"0x80M", 0, ErrSyntax}, {"0x", 0, ErrSyntax}, {"0x1.8k", 0, ErrSyntax}, {"1e3", 0, ErrSyntax},
		{"1.5e1k", 0, ErrSyntax}, {"zz", 0, ErrSyntax}, {"1M ", 0, ErrSyntax}, {"inf", 0, ErrSyntax}, {"nan", 0, ErrSyntax},
	} {
		got, err := ParseSize(row.text)
		if got != row.want || !errors.Is(err, row.err) {
			t.Errorf("ParseSize(%q) = %d, %v; want %d, %v", row.text, got, err, row.want, row.err)
		}
	}
}

func FuzzSize(f *testing.F) {
	for _, seed := range []string{"0", "1.5k", "0x1f", "-1", "16E", ".5G", "1e3", "18446744073709551616", "1.5e1k"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := ParseSize(text)
		if err != nil {
			if value != 0 || !errors.Is(err, ErrSyntax) && !errors.Is(err, ErrRange) {
				t.Fatalf("ParseSize(%q) = %d, %v", text, value, err)
			}
			return
		}
		// Whatever was read can be written in bytes and read again.
		if again, err := ParseSize(fmt.Sprint(value)); err != nil || again != value {
			t.Fatalf("%q is %d, but %d reads as %d, %v", text, value, value, again, err)
		}
	})
}

func TestIdentifiers(t *testing.T) {
	for id, want := range map[string]bool{
		"a": true, "char0": true, "a-b.c_d": true, "Z9": true,
		"": false, "1a": false, "_a": false, "-a": false, "a b": false, "a/b": false, "ä": false, "a#": false,
	} {
		if got := idWellFormed(id); got != want {
			t.Errorf("idWellFormed(%q) = %v", id, got)
		}
	}
	for text, want := range map[string]int{
		"": 0, "a": 1, "ab-c_d.e": 6, "a=b": 1, "9": 0, "-": 0, "_a": 0,
		"__com.example_name.x": 18, "__com.example_": 0, "__": 0, "__com": 0, "__x_9": 0,
	} {
		if got := qapiNameLen(text); got != want {
			t.Errorf("qapiNameLen(%q) = %d, want %d", text, got, want)
		}
	}
}
