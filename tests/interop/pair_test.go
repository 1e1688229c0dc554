package interop

import (
	"fmt"
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// verification is what x-verify-memory returns.
type verification struct {
	Pages  int64
	Faulty int64 `json:"faulty-pages"`
	Faults []struct {
		Page, Expected, Found int64
		Kind                  string
	}
}

// proven checks that every page of a stress guest is what its workload left there.
func proven(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	provenAll(t, e, stressMemory)
}

// provenAll is proven for a guest of so many bytes.
func provenAll(t *testing.T, e *emulator.Emulator, memory int64) {
	t.Helper()
	var v verification
	emulator.Must(t, e.Execute(t.Context(), "x-verify-memory", nil, &v))
	if v.Faulty != 0 || v.Pages != memory/4096 {
		t.Errorf("%s: of %d pages %d are faulty: %+v", e.Name, v.Pages, v.Faulty, v.Faults)
	}
}

func stress(t *testing.T, name, options string, extra ...string) *emulator.Emulator {
	t.Helper()
	args := append([]string{"-machine", "memtest,workload=stress" + options, "-m", fmt.Sprint(stressMemory >> 20), "-smp", "2",
		"-nodefaults"},
		extra...)
	return emulator.Launch(t, emulator.NeedServer(t), name, args...)
}

const stressMemory = 256 << 20

// Our own pairs, with vCPUs that never stop writing and memory that proves itself.
func TestStressPair(t *testing.T) {
	for _, tc := range []struct {
		options string
		channel emulator.Channel
	}{
		{"", emulator.TCP()},
		{",rate=0,working-set=64M", emulator.Unix()},
		{",fill=30,zero=50,update-size=8", emulator.Exec()},
		{",entropy=10,seed=7,update-size=256", emulator.FD()},
		{",rate=16M", emulator.File()},
	} {
		t.Run(tc.channel.Name+tc.options, func(t *testing.T) {
			src := stress(t, "source", tc.options)
			emulator.Must(t, src.SetParameters(t.Context(), fast))
			for _, name := range []string{"first", "second"} { // a guest that was moved can be moved again
				dst := stress(t, name, tc.options, "-incoming", "defer")
				move(t, tc.channel, src, dst)
				proven(t, src)
				proven(t, dst)
				state, err := dst.RunState(t.Context())
				emulator.Must(t, err)
				if state != "running" {
					t.Errorf("%s is %s", dst.Name, state)
				}
				emulator.Must(t, dst.SetParameters(t.Context(), fast))
				src = dst
			}
		})
	}
}

// The usual test guest, built in: it prints A, is moved, and goes on with B only.
func TestSweepPair(t *testing.T) {
	args := []string{"-machine", "memtest", "-m", "150", "-nodefaults"}
	src := emulator.Launch(t, emulator.NeedServer(t), "source", args...)
	dst := emulator.Launch(t, emulator.NeedServer(t), "destination", append(args, "-incoming", "defer")...)
	emulator.Must(t, src.WaitBooted(t.Context()))
	emulator.Must(t, src.SetParameters(t.Context(), fast))
	move(t, emulator.Unix(), src, dst)
	emulator.Must(t, dst.WaitSerial(t.Context(), "B", 2))
	if text := dst.Serial(); strings.Trim(text, "B") != "" {
		t.Errorf("guest printed %q after it was moved", text)
	}
}
