package channels

import (
	"math"
	"syscall"
	"testing"
)

// The sizes that are not errors were compared with QEMU 10.0.2 through the place at which it puts its stream.
func TestParseSize(t *testing.T) {
	for text, want := range map[string]uint64{
		"0": 0, "7": 7, "010": 10, " 7": 7, "+7": 7, "-0": 0,
		"1b": 1, "1B": 1, "1k": 1 << 10, "1K": 1 << 10, "3M": 3 << 20, "2g": 2 << 30, "1T": 1 << 40, "1p": 1 << 50, "15E": 15 << 60,
		"1.5K": 1536, ".5k": 512, "1.k": 1024, "12.345M": 12944671, "1.0000001k": 1024, "0.0001k": 0,
		"0x10": 16, "0X10": 16, "+0x10": 16, "0xffffffffffffffff": math.MaxUint64,
		"18446744073709551615": math.MaxUint64,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]syscall.Errno{
		"": syscall.EINVAL, " ": syscall.EINVAL, "k": syscall.EINVAL, ".": syscall.EINVAL, ".k": syscall.EINVAL,
		"zz": syscall.EINVAL, "1.5": syscall.EINVAL, "1.5b": syscall.EINVAL, "1e3": syscall.EINVAL, "1_0": syscall.EINVAL,
		"0x": syscall.EINVAL, "0x10k": syscall.EINVAL, "0x1.8": syscall.EINVAL, "1.5.5k": syscall.EINVAL, "1.-5k": syscall.EINVAL,
		"1KB": syscall.EINVAL, "1KiB": syscall.EINVAL, "1k ": syscall.EINVAL, "+-1": syscall.EINVAL, "--1": syscall.EINVAL,
		"-1": syscall.ERANGE, "-1k": syscall.ERANGE, "16E": syscall.ERANGE, "18446744073709551616": syscall.ERANGE,
		"0x10000000000000000": syscall.ERANGE, "99999999999999999999": syscall.ERANGE, "17179869184G": syscall.ERANGE,
	} {
		if got, err := parseSize(text); err != want {
			t.Errorf("%q: %d, %v; want %v", text, got, err, want)
		}
	}
}
