package memtest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// ParseWorkload makes the workload called name ("" is sweep) from options as
// they stand on a command line: sizes in bytes with an optional suffix (B, K,
// M, G, T, P, E), numbers, percentages. What is not given has its default
// (NewSweep, NewStress). Errors are in QEMU's words.
func ParseWorkload(name string, opts map[string]string) (Workload, error) {
	if name == "" {
		name = NewSweep().Name()
	}
	all := workloads()
	i := slices.IndexFunc(all, func(w Workload) bool { return w.Name() == name })
	if i < 0 {
		return nil, fmt.Errorf("Parameter 'workload' does not accept value '%s'", name)
	}
	o := &options{left: maps.Clone(opts)}
	all[i].parse(o)
	if o.err != nil {
		return nil, o.err
	}
	for _, key := range slices.Sorted(maps.Keys(o.left)) {
		return nil, fmt.Errorf("Parameter '%s' is unexpected", key)
	}
	return all[i], all[i].check()
}

// WorkloadOptions are the keys that ParseWorkload knows, of all workloads, sorted.
func WorkloadOptions() []string {
	o := &options{}
	for _, w := range workloads() {
		w.parse(o)
	}
	slices.Sort(o.asked)
	return slices.Compact(o.asked)
}

// options hands out values by key. The first error sticks.
type options struct {
	left  map[string]string // not asked for yet
	asked []string
	err   error
}

func (o *options) take(key string, parse func(text string) bool, kind string) {
	o.asked = append(o.asked, key)
	text, ok := o.left[key]
	delete(o.left, key)
	if ok && !parse(text) && o.err == nil {
		o.err = fmt.Errorf("Parameter '%s' expects %s", key, kind)
	}
}

func (o *options) size(key string, p *uint64) {
	o.take(key, func(text string) (ok bool) {
		n, ok := parseSize(text)
		if ok {
			*p = n
		}
		return ok
	}, "size")
}

func (o *options) number(key string, p *uint64) {
	o.take(key, func(text string) bool {
		n, err := strconv.ParseUint(text, 0, 64)
		if err == nil {
			*p = n
		}
		return err == nil
	}, "integer")
}

func (o *options) boolean(key string, p *bool) {
	o.take(key, func(text string) bool {
		*p = text == "on" || text == "yes" || text == "true" || text == "y"
		return *p || text == "off" || text == "no" || text == "false" || text == "n"
	}, "'on' or 'off'")
}

func (o *options) percent(key string, p *uint8) {
	o.take(key, func(text string) bool {
		n, err := strconv.ParseUint(text, 0, 8)
		if err == nil {
			*p = uint8(n)
		}
		return err == nil && n <= 100
	}, percentRange)
}

const percentRange = "a value between 0 and 100"

// parseSize reads 4096, 0x1000, 64K or 1.5G.
func parseSize(text string) (uint64, bool) {
	if hex, ok := strings.CutPrefix(text, "0x"); ok {
		n, err := strconv.ParseUint(hex, 16, 64)
		return n, err == nil
	}
	const units = "BKMGTPE"
	shift := 0
	if text != "" {
		if i := strings.IndexByte(units, text[len(text)-1]&^0x20); i >= 0 {
			shift, text = 10*i, text[:len(text)-1]
		}
	}
	whole, frac, fraction := strings.Cut(text, ".")
	n, err := strconv.ParseUint(whole, 10, 64)
	if err != nil || n > ^uint64(0)>>shift {
		return 0, false
	}
	n <<= shift
	if !fraction {
		return n, true
	}
	part, err := strconv.ParseUint(frac, 10, 64)
	if err != nil || shift == 0 || len(frac) > 9 {
		return 0, false
	}
	scale := 1.0
	for range frac {
		scale *= 10
	}
	more := uint64(float64(part) / scale * float64(uint64(1)<<shift))
	return n + more, n+more >= n
}
