package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"qmpmigrate/tests/emulator"
)

// A prediction is what a source expected its downtime to be when the VM stopped, and what it was, in ms.
type prediction struct {
	expected, real float64
}

// wrong is how far off it was, in percent.
func (p prediction) wrong() float64 { return math.Abs(p.expected-p.real) / max(p.real, 1) * 100 }

// A forecast is a guest and how it is moved.
type forecast struct {
	name       string
	args       []string       // of both ends
	parameters map[string]any // of the source
}

const mega = 1 << 20

// forecasts are guests of several sizes and paces, with and without devices that take a time to load.
func forecasts() (list []forecast) {
	add := func(name, workload, memory string, bandwidth, limit int, more ...string) {
		args := append([]string{"-machine", "memtest,workload=stress," + workload, "-m", memory, "-smp", "2", "-nodefaults"}, more...)
		list = append(list, forecast{name, args, map[string]any{"max-bandwidth": bandwidth * mega, "downtime-limit": limit}})
	}
	for _, rate := range []string{"32M", "64M", "128M"} {
		add("256 MiB, writes "+rate, "rate="+rate+",working-set=200M,fill=100", "256", 0, 300)
		add("1 GiB, writes "+rate, "rate="+rate+",working-set=700M,fill=100", "1024", 0, 300)
		add("1 GiB, half of it zero, writes "+rate, "rate="+rate+",working-set=700M,fill=100,zero=50", "1024", 0, 100)
		add("1 GiB at 240 MiB/s, writes "+rate, "rate="+rate+",working-set=300M,fill=100", "1024", 240, 500)
		add("1 GiB at 400 MiB/s, writes "+rate, "rate="+rate+",working-set=300M,fill=100", "1024", 400, 1000)
		add("512 MiB at 300 MiB/s, writes "+rate, "rate="+rate+",working-set=100M,fill=50", "512", 300, 300)
		for _, prepare := range []string{"50ms", "300ms", "1480ms"} {
			add("1 GiB, writes "+rate+", device "+prepare, "rate="+rate+",working-set=300M,fill=100", "1024", 0, 300,
				"-device", "vfio-sim,id=v0,state-size=16M,initial-size=1M,precopy=off,load-bandwidth=1G,prepare="+prepare)
		}
		add("1 GiB, writes "+rate+", device of 300 MB", "rate="+rate+",working-set=300M,fill=100", "1024", 0, 300,
			"-device", "vfio-sim,id=v0,state-size=300M,initial-size=32M,precopy=on,load-bandwidth=1G,prepare=200ms")
	}
	return list
}

// expected compares what the downtime was expected to be with what it was.
func (s settings) expected(ctx context.Context, dir string) (table, error) {
	t := table{
		title:   "expected-downtime as it stood when the VM stopped, and the downtime",
		columns: []string{"", "migrations", "median downtime ms", "median error %", "worst error %"},
	}
	qemu, err := emulator.GuestArgs(dir, s.machine)
	if err != nil {
		return t, err
	}
	var theirs, ours, plain, devices []prediction
	for _, f := range forecasts() {
		p, err := predict(ctx, s.server, f)
		if err != nil {
			return t, fmt.Errorf("%s: %w", f.name, err)
		}
		progress("%s: expected %.0f ms, was %.0f ms", f.name, p.expected, p.real)
		if ours = append(ours, p); len(f.args) > 7 {
			devices = append(devices, p)
		} else {
			plain = append(plain, p)
		}
	}
	// Its test guest writes all of its memory faster than it can go: only a limit that is long enough lets it go at all.
	for _, bandwidth := range []int{0, 400, 800} {
		for _, limit := range []int{800, 1000, 1500} {
			f := forecast{"QEMU", qemu, map[string]any{"max-bandwidth": bandwidth * mega, "downtime-limit": limit}}
			p, err := predict(ctx, s.qemu, f)
			if err != nil {
				return t, err
			}
			progress("QEMU, %d MiB/s, limit %d ms: expected %.0f ms, was %.0f ms", bandwidth, limit, p.expected, p.real)
			theirs = append(theirs, p)
		}
	}
	names := s.pair()
	t.row(names[0]+", its test guest", theirs)
	t.row(names[1], ours)
	t.row("- without a device", plain)
	t.row("- with one", devices)
	return t, nil
}

func (t *table) row(name string, ps []prediction) {
	worst := 0.0
	for _, p := range ps {
		worst = max(worst, p.wrong())
	}
	t.rows = append(t.rows, []string{name, fmt.Sprint(len(ps)),
		fmt.Sprintf("%.0f", median(ps, func(p prediction) float64 { return p.real })),
		fmt.Sprintf("%.1f", median(ps, prediction.wrong)), fmt.Sprintf("%.0f", worst)})
}

// predict moves a guest and asks all the time what is expected.
func predict(ctx context.Context, p emulator.Program, f forecast) (prediction, error) {
	src, err := emulator.Start(ctx, p, "source", f.args...)
	if err != nil {
		return prediction{}, err
	}
	defer src.Close()
	dst, err := emulator.Start(ctx, p, "destination", append(f.args[:len(f.args):len(f.args)], "-incoming", "defer")...)
	if err != nil {
		return prediction{}, err
	}
	defer dst.Close()
	for _, e := range []*emulator.Emulator{src, dst} {
		if err := e.SetCapabilities(ctx, "return-path"); err != nil {
			return prediction{}, err
		}
	}
	if err := src.SetParameters(ctx, f.parameters); err != nil {
		return prediction{}, err
	}
	select {
	case <-ctx.Done():
		return prediction{}, context.Cause(ctx)
	case <-time.After(time.Second): // the guest writes some of its memory
	}
	if err := emulator.Unix().Migrate(ctx, src, dst); err != nil {
		return prediction{}, err
	}
	return watch(ctx, src)
}

// watch asks until the migration is over.
func watch(ctx context.Context, src *emulator.Emulator) (p prediction, err error) {
	for {
		var m struct {
			Status    string
			ErrorDesc string  `json:"error-desc"`
			Expected  float64 `json:"expected-downtime"`
			Downtime  float64
		}
		if err := src.Execute(ctx, "query-migrate", nil, &m); err != nil {
			return p, err
		}
		switch m.Status {
		case "active", "device": // nothing is expected anew once the VM stands
			p.expected = m.Expected
		case "completed":
			p.real = m.Downtime
			return p, nil
		case "failed", "cancelled":
			return p, fmt.Errorf("the migration %s: %s", m.Status, m.ErrorDesc)
		}
		select {
		case <-ctx.Done():
			return p, context.Cause(ctx)
		case <-time.After(2 * time.Millisecond):
		}
	}
}
