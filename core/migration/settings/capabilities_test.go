package settings

import (
	"strings"
	"testing"

	"qmpmigrate/qapi"
)

// Of the capabilities this build refuses exactly these.
func TestRefusedCapabilities(t *testing.T) {
	var refused []string
	for _, c := range qapi.MigrationCapabilityValues() {
		if supported(c) {
			s := New()
			needs := "return-path "
			switch c {
			case qapi.MigrationCapabilityPostcopyPreempt:
				needs = "postcopy-ram "
			case qapi.MigrationCapabilityZeroCopySend:
				needs = "multifd "
			case qapi.MigrationCapabilityBackgroundSnapshot:
				needs = ""
			}
			said(t, string(c), s.SetCapabilities(list(needs+string(c)), ready()), "")
			if !s.Enabled(c) {
				t.Errorf("%s is not on", c)
			}
			continue
		}
		refused = append(refused, string(c))
		err := New().SetCapabilities(list(string(c)), ready())
		said(t, string(c), err, "capability '"+string(c)+"' is not supported yet by this build")
	}
	const want = ""
	if got := strings.Join(refused, " "); got != want {
		t.Errorf("refused are %s", got)
	}
}

func TestCapabilityChecks(t *testing.T) {
	plain := defaultParameters()
	compressed := merge(plain, &qapi.MigrateSetParameters{MultifdCompression: new(qapi.MultiFDCompressionZlib)})
	encrypted := merge(plain, &qapi.MigrateSetParameters{TLSCreds: &qapi.StrOrNull{S: new("tls0")}})
	const snapshot = "Background-snapshot is not compatible with "
	const zeroCopy = "Zero copy only available for non-compressed non-TLS multifd migration"
	const ring = "dirty-limit requires KVM with accelerator property 'dirty-ring-size' set"
	for _, c := range []struct {
		old, set  string
		listening bool
		ring      bool
		p         *qapi.MigrationParameters
		want      string
	}{
		{set: ""},
		{set: "postcopy-ram postcopy-preempt return-path switchover-ack events"},
		{set: "postcopy-ram x-ignore-shared multifd", want: "Postcopy is not compatible with ignore-shared"},
		{set: "postcopy-ram multifd", want: "Postcopy is not yet compatible with multifd"},
		{set: "background-snapshot events"},
		{set: "background-snapshot zero-copy-send postcopy-ram", want: snapshot + "postcopy-ram"},
		{set: "background-snapshot validate-uuid dirty-bitmaps", want: snapshot + "dirty-bitmaps"},
		{set: "background-snapshot late-block-activate multifd", want: snapshot + "late-block-activate"},
		{set: "background-snapshot auto-converge rdma-pin-all", want: snapshot + "auto-converge"},
		{set: "background-snapshot x-colo validate-uuid", want: snapshot + "x-colo"},
		{set: "background-snapshot zero-copy-send", want: snapshot + "zero-copy-send"},
		{set: "zero-copy-send", want: zeroCopy},
		{set: "zero-copy-send multifd"},
		{set: "zero-copy-send multifd xbzrle", want: zeroCopy},
		{set: "zero-copy-send multifd", p: &compressed, want: zeroCopy},
		{set: "zero-copy-send multifd", p: &encrypted, want: zeroCopy},
		{set: "postcopy-preempt", want: "Postcopy preempt requires postcopy-ram"},
		{set: "postcopy-preempt postcopy-ram", listening: true, want: "Postcopy preempt must be set before incoming starts"},
		{old: "postcopy-preempt", set: "postcopy-preempt postcopy-ram", listening: true},
		{set: "multifd", listening: true, want: "Multifd must be set before incoming starts"},
		{old: "multifd", set: "multifd", listening: true},
		{set: "switchover-ack", want: "Capability 'switchover-ack' requires capability 'return-path'"},
		{set: "dirty-limit auto-converge", want: "dirty-limit conflicts with auto-converge either of then available currently"},
		{set: "dirty-limit", want: ring},
		{set: "dirty-limit", ring: true},
		{set: "multifd xbzrle mapped-ram", want: "Multifd is not compatible with xbzrle"},
		{set: "mapped-ram xbzrle", want: "Mapped-ram migration is incompatible with xbzrle"},
		{set: "mapped-ram postcopy-ram", want: "Mapped-ram migration is incompatible with postcopy"},
	} {
		if c.p == nil {
			c.p = &plain
		}
		check := capabilityCheck{old: capabilitySet(c.old), set: capabilitySet(c.set), parameters: c.p,
			now: Situation{Listening: c.listening, Ring: c.ring}}
		said(t, c.set, check.check(), c.want)
	}
}

// ready is a machine that any capability can be set for.
func ready() Situation { return Situation{Ring: true, Report: func(string) {}} }

// list makes capabilities of their names; one that begins with a minus is off.
func list(names string) (l []qapi.MigrationCapabilityStatus) {
	for name := range strings.FieldsSeq(names) {
		name, off := strings.CutPrefix(name, "-")
		l = append(l, qapi.MigrationCapabilityStatus{Capability: qapi.MigrationCapability(name), State: !off})
	}
	return l
}

// capabilitySet makes a set of capabilities of their names.
func capabilitySet(names string) capabilities {
	s := capabilities{}
	for _, c := range list(names) {
		s[c.Capability] = true
	}
	return s
}

// All of a list or nothing; of two that contradict each other the later counts.
func TestCapabilitiesAreSetTogether(t *testing.T) {
	s, warned := New(), ""
	now := Situation{Report: func(text string) { warned += text }}
	said(t, "mixed", s.SetCapabilities(list("events switchover-ack"), now), "Capability 'switchover-ack' requires capability 'return-path'")
	if s.Enabled(qapi.MigrationCapabilityEvents) {
		t.Error("a part was stored")
	}
	said(t, "twice", s.SetCapabilities(list("events -events release-ram multifd -multifd"), now), "")
	if s.Enabled(qapi.MigrationCapabilityEvents) || !s.Enabled(qapi.MigrationCapabilityReleaseRAM) {
		t.Error("the last of each does not count")
	}
	if warned != "" {
		t.Errorf("reported: %s", warned)
	}
	said(t, "deprecated", s.SetCapabilities(list("zero-blocks"), now), "")
	if warned != "warning: zero-blocks capability is deprecated" {
		t.Errorf("reported: %s", warned)
	}
	var names []string
	for _, c := range s.Capabilities() {
		names = append(names, string(c.Capability))
	}
	if len(names) != 22 || names[0] != "xbzrle" || names[21] != "mapped-ram" {
		t.Errorf("listed are %v", names)
	}
}
