package settings

import (
	"slices"
	"strings"
	"testing"

	"qmpmigrate/qapi"
)

func TestQuirksFollowTheMachine(t *testing.T) {
	all := func(q Quirks) string {
		var on []string
		for name, is := range map[string]bool{"state": q.StoreGlobalState, "configuration": q.SendConfiguration,
			"footer": q.SendSectionFooter, "switchover": q.SendSwitchoverStart} {
			if is {
				on = append(on, name)
			}
		}
		slices.Sort(on)
		return strings.Join(on, " ")
	}
	const old, full = "configuration footer state", "configuration footer state switchover"
	for name, want := range map[string]string{
		"pc-i440fx-7.2": old, "pc-q35-9.2": old, "pc-q35-10.0": full, "pc-i440fx-10.1": full, "memtest": full,
		"pc-x.y": full, "pc-1.y": full, "": full, "pc-i440fx-2.3": "", "pc-i440fx-2.4": old, "pc-1.3": "", "test-1.0": full,
		"virt-7.2": old, "virt-10.0": full, "virt": full, "pseries-9.2": old, "s390-ccw-virtio-9.0": old, "microvm": full,
		"pc-q35-9.0+pve1": old, "pc-q35-rhel9.4.0": full, "ibm-s390-9.0": full,
	} {
		s := New()
		if got := all(s.Quirks(name)); got != want {
			t.Errorf("%q: %s", name, got)
		}
	}
	s := New()
	s.Adopted("microvm", true)
	if got := all(s.Quirks("microvm")) + "; " + all(s.Quirks("virt-10.0")); got != old+"; "+full {
		t.Errorf("from an old QEMU: %s", got)
	}
	if s.Adopted("microvm", false); all(s.Quirks("microvm")) != full {
		t.Errorf("from a new QEMU: %s", all(s.Quirks("microvm")))
	}
	s = New()
	s.forced = map[string]bool{"send-switchover-start": false, "send-configuration": true}
	if got := all(s.Quirks("pc-i440fx-2.3")) + "; " + all(s.Quirks("memtest")); got != "configuration; "+old {
		t.Errorf("forced: %s", got)
	}
	for name, want := range map[string]qapi.ZeroPageDetection{
		"pc-q35-8.2": qapi.ZeroPageDetectionLegacy, "pc-q35-9.0": qapi.ZeroPageDetectionMultifd, "memtest": qapi.ZeroPageDetectionMultifd,
	} {
		s := New()
		if s.MachineType(name); *s.Parameters().ZeroPageDetection != want {
			t.Errorf("%s: zero-page-detection is %s", name, *s.Parameters().ZeroPageDetection)
		}
	}
}

func TestClearBitmapShiftIsReported(t *testing.T) {
	s := New()
	for shift, want := range map[uint8]string{
		18: "", 6: "", 31: "",
		5:  "clear_bitmap_shift (5) too small, using min value (6)",
		40: "clear_bitmap_shift (40) too big, using max value (31)",
	} {
		s.clearBitmapShift = shift
		q := s.Quirks("memtest")
		if got := q.Warning(); got != want {
			t.Errorf("%d: %q", shift, got)
		}
	}
}
