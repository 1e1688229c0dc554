package settings

import (
	"strings"
	"testing"

	"qmpmigrate/qapi"
)

// Texts of QEMU 10.0.
func TestPropertyTexts(t *testing.T) {
	for text, want := range map[string]string{
		"x-xbzrle=maybe":                        "Parameter 'x-xbzrle' expects 'on' or 'off'",
		"store-global-state=x":                  "Parameter 'store-global-state' expects 'on' or 'off'",
		"multifd-channels=x":                    "Parameter 'multifd-channels' expects uint64",
		"multifd-channels=":                     "Parameter 'multifd-channels' expects uint64",
		"multifd-channels=1-2":                  "Parameter 'multifd-channels' expects uint64",
		"multifd-channels=5 ":                   "Parameter 'multifd-channels' expects uint64",
		"multifd-channels=256":                  "Parameter 'multifd-channels' expects uint8_t",
		"multifd-channels=-1":                   "Parameter 'multifd-channels' expects uint8_t",
		"multifd-channels=0x100":                "Parameter 'multifd-channels' expects uint8_t",
		"multifd-channels=+5":                   "",
		"multifd-channels= 5":                   "",
		"x-clear-bitmap-shift=256":              "Parameter 'x-clear-bitmap-shift' expects uint8_t",
		"x-clear-bitmap-shift=3":                "",
		"x-checkpoint-delay=4294967296":         "Parameter 'x-checkpoint-delay' expects uint32_t",
		"x-checkpoint-delay=x":                  "Parameter 'x-checkpoint-delay' expects uint64",
		"x-downtime-limit=18446744073709551616": "Parameter 'x-downtime-limit' expects uint64",
		"x-downtime-limit=-1":                   "", // too much, but that is not said here
		"x-max-bandwidth=x":                     "Parameter 'x-max-bandwidth' expects a non-negative number below 2^64",
		"x-max-bandwidth=16E":                   "Value '16E' is out of range for parameter 'x-max-bandwidth'",
		"announce-step=1.5":                     "Parameter 'announce-step' expects a non-negative number below 2^64",
		"multifd-compression=bogus":             "Parameter 'multifd-compression' does not accept value 'bogus'",
		"multifd-compression=":                  "Parameter 'multifd-compression' does not accept value ''",
		"mode=bogus":                            "Parameter 'mode' does not accept value 'bogus'",
		"zero-page-detection=x":                 "Parameter 'zero-page-detection' does not accept value 'x'",
		"bogus=1":                               "Property 'migration.bogus' not found",
		"pause-before-switchover=on":            "Property 'migration.pause-before-switchover' not found",
		"x-ignore-shared=on":                    "Property 'migration.x-ignore-shared' not found",
	} {
		s := New()
		name, value, _ := strings.Cut(text, "=")
		said(t, text, s.SetProperty(name, value), want)
	}
}

// What is checked once all are there.
func TestPropertiesTogether(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "",
		"x-events=on x-release-ram=on":          "",
		"x-downtime-limit=-1":                   "Parameter 'downtime_limit' expects an integer in the range of 0 to (2000 * 1000) ms",
		"announce-step=0":                       "Parameter 'announce_step' expects a value between 0 and 10000",
		"announce-step=0 announce-step=1":       "",
		"announce-step=0 x-postcopy-preempt=on": "Parameter 'announce_step' expects a value between 0 and 10000",
		"x-postcopy-preempt=on":                 "Postcopy preempt requires postcopy-ram",
		"x-dirty-limit=on":                      "dirty-limit requires KVM with accelerator property 'dirty-ring-size' set",
		"x-switchover-ack=y":                    "Capability 'switchover-ack' requires capability 'return-path'",
		"mapped-ram=on x-xbzrle=on":             "Mapped-ram migration is incompatible with xbzrle",
		"x-colo=on":                             "",
		"x-multifd=on":                          "",
		"tls-creds=t0":                          "",
	} {
		s := New()
		for p := range strings.FieldsSeq(text) {
			name, value, _ := strings.Cut(p, "=")
			said(t, p, s.SetProperty(name, value), "")
		}
		said(t, text, s.CheckProperties(Situation{}), want)
	}
}

// Every property goes where it is read.
func TestPropertiesAreStored(t *testing.T) {
	s := New()
	s.MachineType("pc-q35-8.2")
	for p := range strings.FieldsSeq(`x-throttle-trigger-threshold=1 x-cpu-throttle-initial=2 x-cpu-throttle-increment=3
		x-cpu-throttle-tailslow=on x-max-bandwidth=4 avail-switchover-bandwidth=5 x-downtime-limit=6 x-checkpoint-delay=7
		multifd-channels=8 multifd-compression=zlib multifd-zlib-level=9 multifd-qatzip-level=1 multifd-zstd-level=11
		xbzrle-cache-size=8k max-postcopy-bandwidth=13 max-cpu-throttle=14 announce-initial=15 announce-max=16
		announce-rounds=17 announce-step=18 tls-creds= tls-hostname=h tls-authz=a x-vcpu-dirty-limit-period=19
		vcpu-dirty-limit=20 mode=normal zero-page-detection=none`) {
		name, value, _ := strings.Cut(p, "=")
		said(t, p, s.SetProperty(name, value), "")
	}
	const want = `{"announce-initial": 15, "announce-max": 16, "announce-rounds": 17, "announce-step": 18, ` +
		`"throttle-trigger-threshold": 1, "cpu-throttle-initial": 2, "cpu-throttle-increment": 3, ` +
		`"cpu-throttle-tailslow": true, "tls-creds": "", "tls-hostname": "h", "tls-authz": "a", "max-bandwidth": 4, ` +
		`"avail-switchover-bandwidth": 5, "downtime-limit": 6, "x-checkpoint-delay": 7, "multifd-channels": 8, ` +
		`"xbzrle-cache-size": 8192, "max-postcopy-bandwidth": 13, "max-cpu-throttle": 14, "multifd-compression": "zlib", ` +
		`"multifd-zlib-level": 9, "multifd-qatzip-level": 1, "multifd-zstd-level": 11, "x-vcpu-dirty-limit-period": 19, ` +
		`"vcpu-dirty-limit": 20, "mode": "normal", "zero-page-detection": "none", "direct-io": false}`
	if got := string(s.Parameters().AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, name := range []string{"store-global-state", "send-configuration", "send-section-footer", "send-switchover-start",
		"multifd-clean-tls-termination"} {
		said(t, name, s.SetProperty(name, "off"), "")
	}
	if q := s.Quirks("memtest"); q != (Quirks{ClearBitmapShift: 18}) {
		t.Errorf("quirks %+v", q)
	}
	if !s.RAM().KeepZeros || s.RAM().IgnoreShared {
		t.Errorf("%+v", s.RAM())
	}
	for _, c := range qapi.MigrationCapabilityValues() {
		has := 0
		for _, name := range []string{string(c), "x-" + string(c)} {
			if _, ok := capabilityProperty(name); ok {
				has++
			}
		}
		switch c {
		case "pause-before-switchover", "late-block-activate", "dirty-bitmaps", "x-ignore-shared", "validate-uuid", "postcopy-blocktime":
			if has != 0 {
				t.Errorf("%s has a property", c)
			}
		default:
			if has != 1 {
				t.Errorf("%s has %d properties", c, has)
			}
		}
	}
}
