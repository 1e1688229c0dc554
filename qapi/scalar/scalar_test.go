package scalar

import (
	"errors"
	"fmt"
	"math"
	"testing"
)

func TestBool(t *testing.T) {
	for text, want := range map[string]string{
		"on": "true true", "yes": "true true", "true": "true true", "y": "true true",
		"off": "false true", "no": "false true", "false": "false true", "n": "false true",
		"": "false false", "On": "false false", "1": "false false", "on ": "false false",
	} {
		value, ok := Bool(text)
		if got := fmt.Sprint(value, ok); got != want {
			t.Errorf("Bool(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestUint(t *testing.T) {
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
		got, err := Uint(row.text)
		if got != row.want || !errors.Is(err, row.err) {
			t.Errorf("Uint(%q) = %d, %v; want %d, %v", row.text, got, err, row.want, row.err)
		}
	}
}

func TestInt(t *testing.T) {
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
		got, err := Int(row.text)
		if got != row.want || !errors.Is(err, row.err) {
			t.Errorf("Int(%q) = %d, %v; want %d, %v", row.text, got, err, row.want, row.err)
		}
	}
}

func TestSize(t *testing.T) {
	const k = 1024
	for _, row := range []struct {
		text string
		want uint64
		err  error
	}{
		{"0", 0, nil}, {"4096", 4096, nil}, {"010", 10, nil}, {"5B", 5, nil}, {"5b", 5, nil},
		{"1k", k, nil}, {"1K", k, nil}, {"3M", 3 * k * k, nil}, {"1g", k * k * k, nil}, {"2T", 2 * k * k * k * k, nil},
		{"1P", 1 << 50, nil}, {"15E", 15 << 60, nil},
		{"1.5k", 1536, nil}, {"0.5M", 512 * k, nil}, {".5k", 512, nil}, {"1.k", k, nil}, {"1.", 1, nil}, {"1.0", 1, nil}, {"1.0B", 1, nil}, {"12.345M", 12944671, nil},
		{"0.3k", 307, nil}, {"1.0k", k, nil}, {" 1k", k, nil}, {"+1k", k, nil},
		{"0x10", 16, nil}, {"0xB", 11, nil}, {"0x1E", 30, nil},
		{"18446744073709551615", math.MaxUint64, nil},
		{"18446744073709551616", 0, ErrRange}, {"16E", 0, ErrRange}, {"17179869184G", 0, ErrRange},
		{"-1", 0, ErrRange}, {"-0", 0, ErrRange}, {"-1k", 0, ErrSyntax}, {"-0x1", 0, ErrSyntax}, {"-.5k", 0, ErrSyntax},
		{"18446744073709551616k", 0, ErrSyntax}, {"0X", 0, ErrSyntax}, {"00x10", 0, ErrSyntax}, {"-x", 0, ErrSyntax}, {"0x10000000000000000", 0, ErrRange},
		{"15.99999999999999999999E", 0, ErrRange},
		{"", 0, ErrSyntax}, {"k", 0, ErrSyntax}, {".", 0, ErrSyntax}, {".k", 0, ErrSyntax}, {"1.5", 0, ErrSyntax},
		{"1.5B", 0, ErrSyntax}, {"1KB", 0, ErrSyntax}, {"1KiB", 0, ErrSyntax}, {"1 k", 0, ErrSyntax},
		{"0x80M", 0, ErrSyntax}, {"0x", 0, ErrSyntax}, {"0x1.8k", 0, ErrSyntax}, {"1e3", 0, ErrSyntax},
		{"1.5e1k", 0, ErrSyntax}, {"zz", 0, ErrSyntax}, {"1M ", 0, ErrSyntax}, {"inf", 0, ErrSyntax}, {"nan", 0, ErrSyntax},
	} {
		got, err := Size(row.text)
		if got != row.want || !errors.Is(err, row.err) {
			t.Errorf("Size(%q) = %d, %v; want %d, %v", row.text, got, err, row.want, row.err)
		}
	}
}

func TestCutSizeMiB(t *testing.T) {
	const m = 1 << 20
	for _, row := range []struct {
		text string
		want uint64
		rest string
		err  error
	}{
		{"1", m, "", nil}, {"1.5 x", 1572864, " x", nil}, {"2k3", 2048, "3", nil}, {"0x10", 16 * m, "", nil},
		{"0x10z", 16 * m, "z", nil}, {"0xz", 0, "xz", nil}, {"5bb", 5, "b", nil}, {"0.0000001", 0, "", nil},
		{"-1 ", 0, " ", ErrRange}, {"x", 0, "x", ErrSyntax}, {"0x10k", 0, "k", ErrSyntax}, {"1.5b", 0, "", ErrSyntax},
	} {
		got, rest, err := CutSizeMiB(row.text)
		if got != row.want || rest != row.rest || !errors.Is(err, row.err) {
			t.Errorf("CutSizeMiB(%q) = %d, %q, %v; want %d, %q, %v", row.text, got, rest, err, row.want, row.rest, row.err)
		}
	}
	if got, err := SizeMiB("1.5k"); got != 1536 || err != nil {
		t.Errorf("SizeMiB(1.5k) = %d, %v", got, err)
	}
}

func FuzzSize(f *testing.F) {
	for _, seed := range []string{"0", "1.5k", "0x1f", "-1", "16E", ".5G", "1e3", "18446744073709551616", "1.5e1k"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := Size(text)
		if err != nil {
			if value != 0 || !errors.Is(err, ErrSyntax) && !errors.Is(err, ErrRange) {
				t.Fatalf("Size(%q) = %d, %v", text, value, err)
			}
			return
		}
		// Whatever was read can be written in bytes and read again.
		if again, err := Size(fmt.Sprint(value)); err != nil || again != value {
			t.Fatalf("%q is %d, but %d reads as %d, %v", text, value, value, again, err)
		}
	})
}
