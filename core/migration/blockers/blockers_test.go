package blockers

import (
	"strings"
	"testing"
)

func TestBlockers(t *testing.T) {
	var b List
	for _, d := range []string{"d1", "d2"} {
		said(t, d, b.AddDevice(d, "nvme"), "")
	}
	var unblock []func()
	for _, reason := range []string{"old", "same", "same"} {
		u, err := b.Add(reason, false)
		said(t, reason, err, "")
		unblock = append(unblock, u)
	}
	reasons := func() string { return strings.Join(b.Texts(), ", ") }
	if got := reasons(); got != "old, same, same, non-migratable device: d2, non-migratable device: d1" {
		t.Errorf("reasons: %s", got)
	}
	said(t, "device first", b.Err(), "State blocked by non-migratable device 'd1'")
	b.devices = nil
	said(t, "newest", b.Err(), "same")
	unblock[2]()
	unblock[2]()
	if got := reasons(); got != "old, same" {
		t.Errorf("reasons: %s", got)
	}
	unblock[1]()
	said(t, "oldest", b.Err(), "old")
	unblock[0]()
	if said(t, "none", b.Err(), ""); reasons() != "" {
		t.Errorf("reasons: %s", reasons())
	}
	_, err := b.Add("x", true)
	said(t, "snapshot", err, "disallowing migration blocker (migration/snapshot in progress) for: x")
	b.Refuse()
	_, err = b.Add("x", false)
	said(t, "only", err, "disallowing migration blocker (--only-migratable) for: x")
	said(t, "device", b.AddDevice("0000:00:02.0/nvme", "nvme"),
		"Device nvme is not migratable, but --only-migratable was specified")
}

func said(t *testing.T, what string, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}
