package memtest

import (
	"reflect"
	"slices"
	"testing"
)

func TestParseWorkload(t *testing.T) {
	for _, c := range []struct {
		name string
		opts map[string]string
		want Workload
	}{
		{"", nil, &Sweep{Rate: DefaultSweepRate}},
		{"sweep", map[string]string{"rate": "0"}, &Sweep{}},
		{"idle", map[string]string{}, &Idle{}},
		{"stress", nil, NewStress()},
		{"stress", map[string]string{"rate": "1.5G", "working-set": "64M", "seed": "0x2a", "update-size": "64",
			"fill": "50", "zero": "20", "entropy": "0"},
			&Stress{Rate: 3 << 29, WorkingSet: 64 << 20, Seed: 42, UpdateSize: 64, Fill: 50, ZeroShare: 20}},
		{"stress", map[string]string{"update-size": "1G"},
			&Stress{Rate: DefaultStressRate, Seed: 1, UpdateSize: 4096, Fill: 100, Entropy: 100}},
	} {
		got, err := ParseWorkload(c.name, c.opts)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q %v: %+v, %v", c.name, c.opts, got, err)
		}
	}
}

func TestParseWorkloadErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		opts map[string]string
		text string
	}{
		{"bogus", nil, "Parameter 'workload' does not accept value 'bogus'"},
		{"idle", map[string]string{"rate": "1"}, "Parameter 'rate' is unexpected"},
		{"sweep", map[string]string{"zz": "1", "foo": "1"}, "Parameter 'foo' is unexpected"},
		{"sweep", map[string]string{"rate": "fast"}, "Parameter 'rate' expects size"},
		{"sweep", map[string]string{"rate": ""}, "Parameter 'rate' expects size"},
		{"stress", map[string]string{"seed": "1K"}, "Parameter 'seed' expects integer"},
		{"stress", map[string]string{"fill": "101"}, "Parameter 'fill' expects a value between 0 and 100"},
		{"stress", map[string]string{"zero": "-1"}, "Parameter 'zero' expects a value between 0 and 100"},
	} {
		if _, err := ParseWorkload(c.name, c.opts); err == nil || err.Error() != c.text {
			t.Errorf("%q %v: %v", c.name, c.opts, err)
		}
	}
}

func TestWorkloadOptions(t *testing.T) {
	want := []string{"entropy", "fill", "rate", "seed", "suspend", "update-size", "working-set", "zero"}
	if got := WorkloadOptions(); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

var sizes = map[string]uint64{
	"0": 0, "4096": 4096, "010": 10, "0x10": 16, "1K": 1 << 10, "1k": 1 << 10, "12B": 12, "3m": 3 << 20,
	"1.5G": 3 << 29, "0.25T": 1 << 38, "2P": 2 << 50, "15E": 15 << 60, "18446744073709551615": 1<<64 - 1,
}

func TestParseSize(t *testing.T) {
	for text, want := range sizes {
		if got, ok := parseSize(text); got != want || !ok {
			t.Errorf("%s: %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "K", "-1", "+1", "1KB", "1 K", "1.5", "1.5B", ".5K", "1.K", "1.-5K", "16E",
		"0x", "0x1K", "1_000", "18446744073709551616", "1.9999999999G"} {
		if got, ok := parseSize(text); ok {
			t.Errorf("%q: %d", text, got)
		}
	}
}

func FuzzParseSize(f *testing.F) {
	for text := range sizes {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := parseSize(text)
		if again, okToo := parseSize(text + "B"); ok && okToo && again != n && text[len(text)-1] >= '0' && text[len(text)-1] <= '9' && len(text) > 1 && text[:2] != "0x" {
			t.Errorf("%q is %d, with B %d", text, n, again)
		}
	})
}
