package core

import (
	"slices"
	"strings"
	"testing"

	"qmpmigrate/core/dirtyrate"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

func TestTraceOfTheDirtyRate(t *testing.T) {
	m, log := tracedMachine(t, Config{})
	unit := qapi.TimeUnitMillisecond
	if err := m.CalcDirtyRate(t.Context(), &qapi.CalcDirtyRateArgs{CalcTime: 60000, CalcTimeUnit: &unit}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.QueryDirtyRate(t.Context(), &qapi.QueryDirtyRateArgs{}); err != nil {
		t.Fatal(err)
	}
	want := []string{"dirtyrate_set_state new_state=measuring", "query_dirty_rate_info new_state=measuring"}
	if got := log.only(trace.DirtyRateSetState, trace.QueryDirtyRateInfo); !slices.Equal(got, want) {
		t.Errorf("told %s", strings.Join(got, "; "))
	}
	if m.dirtyRate.Result().Status != dirtyrate.Measuring {
		t.Error("it is over")
	}
}
