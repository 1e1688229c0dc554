package migration

import (
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
