package core

import (
	"slices"
	"strings"
	"testing"

	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// names are those of the parts of one side.
func names(s *qapi.DowntimeSide) string {
	var list []string
	for _, p := range s.Parts {
		list = append(list, p.Name)
	}
	return strings.Join(list, " ")
}

// Both ends can tell where the downtime went, and what they tell is all of it.
func TestWhereDowntimeGoes(t *testing.T) {
	log := &told{}
	points := trace.NewSet(trace.Lines(log.line))
	if err := points.Switch("vmstate_downtime*", true); err != nil {
		t.Fatal(err)
	}
	src, dst := newSide(t, 3000, Config{Trace: points}), newSide(t, 3000, Config{Incoming: true})
	if info, err := src.XQueryDowntime(t.Context()); err != nil || info.Source != nil || info.Destination != nil {
		t.Errorf("before: %v, %v", info, err)
	}
	src.enable(t, returnPath)
	src.send(t, dst.listen(t))
	src.fits(t)
	src.wait(t)
	dst.wait(t)
	info, err := src.XQueryDowntime(t.Context())
	if err != nil || info.Source == nil || info.Destination != nil {
		t.Fatalf("%v, %v", info, err)
	}
	if got := names(info.Source); got != "stop last-ram devices transfer confirmation" {
		t.Error(got)
	}
	sum := int64(0)
	for _, p := range info.Source.Parts {
		sum += p.Microseconds
	}
	if total := info.Source.Microseconds; sum > total || sum < total-int64(len(info.Source.Parts)) {
		t.Errorf("the parts take %d us, all of it %d", sum, total)
	}
	if all, told := info.Source.Microseconds, *src.Migration().Info().Downtime; all/1000 > told {
		t.Errorf("%d us of %d ms", all, told)
	}
	for _, side := range []*Machine{src.Machine, dst.Machine} {
		info, _ := side.XQueryDowntime(t.Context())
		s := info.Source
		if s == nil {
			if s = info.Destination; names(s) != "last-ram devices settle start" {
				t.Error(names(s))
			}
		}
		var devices []string
		for _, d := range s.Devices {
			devices = append(devices, d.ID)
		}
		if !slices.Equal(devices, []string{"ram", "counter", "globalstate"}) {
			t.Error(devices)
		}
	}
	var lines []string
	for _, line := range log.only(trace.VmstateDowntimeCheckpoint, trace.VmstateDowntimeSave) {
		line, _, _ = strings.Cut(line, " downtime=")
		lines = append(lines, strings.TrimPrefix(strings.TrimPrefix(line, "vmstate_downtime_checkpoint checkpoint="), "vmstate_downtime_"))
	}
	want := []string{
		"src-downtime-start", "src-vm-stopped", "save type=iterable idstr=ram instance_id=0", "src-iterable-saved",
		"save type=non-iterable idstr=counter instance_id=0", "save type=non-iterable idstr=globalstate instance_id=0",
		"src-non-iterable-saved", "src-downtime-end",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("told %q", lines)
	}
}
