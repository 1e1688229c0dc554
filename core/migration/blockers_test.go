package migration

import (
	"slices"
	"strings"
	"testing"

	"qmpmigrate/qapi"
)

func TestBlockers(t *testing.T) {
	m, h := newStill()
	for _, d := range []string{"d1", "d2"} {
		said(t, d, m.BlockDevice(d, "nvme"), "")
	}
	var unblock []func()
	for _, reason := range []string{"old", "same", "same"} {
		u, err := m.Block(reason)
		said(t, reason, err, "")
		unblock = append(unblock, u)
	}
	reasons := func() string { return strings.Join(m.Info().BlockedReasons, ", ") }
	if got := reasons(); got != "old, same, same, non-migratable device: d2, non-migratable device: d1" {
		t.Errorf("reasons: %s", got)
	}
	said(t, "device first", m.blocked(), "State blocked by non-migratable device 'd1'")
	m.blockers.devices = nil
	said(t, "newest", m.blocked(), "same")
	unblock[2]()
	unblock[2]()
	if got := reasons(); got != "old, same" {
		t.Errorf("reasons: %s", got)
	}
	unblock[1]()
	said(t, "oldest", m.blocked(), "old")
	unblock[0]()
	if said(t, "none", m.blocked(), ""); reasons() != "" {
		t.Errorf("reasons: %s", reasons())
	}
	h.state = qapi.RunStateSaveVM
	_, err := m.Block("x")
	said(t, "snapshot", err, "disallowing migration blocker (migration/snapshot in progress) for: x")
	m.OnlyMigratable()
	_, err = m.Block("x")
	said(t, "only", err, "disallowing migration blocker (--only-migratable) for: x")
	said(t, "device", m.BlockDevice("0000:00:02.0/nvme", "nvme"),
		"Device nvme is not migratable, but --only-migratable was specified")
}

func TestQuirksFollowTheMachine(t *testing.T) {
	all := func(q quirks) string {
		var on []string
		for name, is := range map[string]bool{"state": q.storeGlobalState, "configuration": q.sendConfiguration,
			"footer": q.sendSectionFooter, "switchover": q.sendSwitchoverStart} {
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
	} {
		m, _ := newStill()
		if got := all(m.options.quirks(name)); got != want {
			t.Errorf("%q: %s", name, got)
		}
	}
	m, _ := newStill()
	m.options.forced = map[string]bool{"send-switchover-start": false, "send-configuration": true}
	if got := all(m.options.quirks("pc-i440fx-2.3")) + "; " + all(m.options.quirks("memtest")); got != "configuration; "+old {
		t.Errorf("forced: %s", got)
	}
	for name, want := range map[string]qapi.ZeroPageDetection{
		"pc-q35-8.2": qapi.ZeroPageDetectionLegacy, "pc-q35-9.0": qapi.ZeroPageDetectionMultifd, "memtest": qapi.ZeroPageDetectionMultifd,
	} {
		m, _ := newStill()
		if m.MachineType(name); *m.Parameters().ZeroPageDetection != want {
			t.Errorf("%s: zero-page-detection is %s", name, *m.Parameters().ZeroPageDetection)
		}
	}
}

func TestClearBitmapShiftIsReported(t *testing.T) {
	m, h := newStill()
	for shift, want := range map[uint8]string{
		18: "", 6: "", 31: "",
		5:  "clear_bitmap_shift (5) too small, using min value (6)",
		40: "clear_bitmap_shift (40) too big, using max value (31)",
	} {
		m.options.clearBitmapShift = shift
		q := m.options.quirks("memtest")
		if q.report(h); h.said() != want {
			t.Errorf("%d is reported wrong", shift)
		}
	}
}
