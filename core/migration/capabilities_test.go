package migration

import (
	"strings"
	"testing"
	"time"

	"qmpmigrate/core/dirtyring"
	"qmpmigrate/qapi"
)

// noVCPUs are the dirty rings of a machine without vCPUs.
type noVCPUs struct{}

func (noVCPUs) Size() int                           { return 4096 }
func (noVCPUs) VCPUs() int                          { return 0 }
func (noVCPUs) Count(bool)                          {}
func (noVCPUs) Harvest()                            {}
func (noVCPUs) Dirtied(int) (uint64, time.Duration) { return 0, 0 }
func (noVCPUs) Limit(int, uint64)                   {}

// Of the capabilities this build refuses exactly these.
func TestRefusedCapabilities(t *testing.T) {
	var refused []string
	for _, c := range qapi.MigrationCapabilityValues() {
		if supported(c) {
			m, h := newStill()
			h.rings = dirtyring.New(noVCPUs{}, nil)
			needs := "return-path "
			switch c {
			case qapi.MigrationCapabilityPostcopyPreempt:
				needs = "postcopy-ram "
			case qapi.MigrationCapabilityZeroCopySend:
				needs = "multifd "
			case qapi.MigrationCapabilityBackgroundSnapshot:
				needs = ""
			}
			said(t, string(c), m.SetCapabilities(list(needs+string(c))), "")
			if !m.options.enabled(c) {
				t.Errorf("%s is not on", c)
			}
			continue
		}
		refused = append(refused, string(c))
		m, _ := newStill()
		err := m.SetCapabilities(list(string(c)))
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
		check := capabilityCheck{old: capabilitySet(c.old), set: capabilitySet(c.set), parameters: c.p, listening: c.listening, ring: c.ring}
		said(t, c.set, check.check(), c.want)
	}
}

// All of a list or nothing; of two that contradict each other the later counts.
func TestCapabilitiesAreSetTogether(t *testing.T) {
	m, h := newStill()
	said(t, "mixed", m.SetCapabilities(list("events switchover-ack")), "Capability 'switchover-ack' requires capability 'return-path'")
	if m.options.enabled(qapi.MigrationCapabilityEvents) {
		t.Error("a part was stored")
	}
	said(t, "twice", m.SetCapabilities(list("events -events release-ram multifd -multifd")), "")
	if m.options.enabled(qapi.MigrationCapabilityEvents) || !m.options.enabled(qapi.MigrationCapabilityReleaseRAM) {
		t.Error("the last of each does not count")
	}
	if text := h.said(); text != "" {
		t.Errorf("reported: %s", text)
	}
	said(t, "deprecated", m.SetCapabilities(list("zero-blocks")), "")
	if text := h.said(); text != "warning: zero-blocks capability is deprecated" {
		t.Errorf("reported: %s", text)
	}
	var names []string
	for _, c := range m.Capabilities() {
		names = append(names, string(c.Capability))
	}
	if len(names) != 22 || names[0] != "xbzrle" || names[21] != "mapped-ram" {
		t.Errorf("listed are %v", names)
	}
}
