package settings

import (
	"reflect"
	"strings"
	"testing"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

func TestParameters(t *testing.T) {
	const (
		mapping = "Invalid mapping given for block-bitmap-mapping: "
		zlib    = "Parameter 'multifd_zlib_level' expects a value between 0 and 9"
	)
	long := strings.Repeat("a", 300)
	s := New()
	for _, c := range []struct{ args, want string }{
		{`{}`, ""},
		{`{"max-bandwidth": 1, "downtime-limit": 2000000}`, ""},
		{`{"max-bandwidth": 18446744073709551615}`, ""},
		{`{"tls-hostname": null, "tls-authz": "x", "tls-creds": null}`, ""},
		{`{"downtime-limit": 2000001}`, "Parameter 'downtime_limit' expects an integer in the range of 0 to (2000 * 1000) ms"},
		{`{"throttle-trigger-threshold": 0}`, "Parameter 'throttle_trigger_threshold' expects an integer in the range of 1 to 100"},
		{`{"throttle-trigger-threshold": 101}`, "Parameter 'throttle_trigger_threshold' expects an integer in the range of 1 to 100"},
		{`{"cpu-throttle-initial": 100}`, "Parameter 'cpu_throttle_initial' expects an integer in the range of 1 to 99"},
		{`{"cpu-throttle-increment": 0}`, "Parameter 'cpu_throttle_increment' expects an integer in the range of 1 to 99"},
		{`{"multifd-channels": 0}`, "Parameter 'multifd_channels' expects a value between 1 and 255"},
		{`{"multifd-zlib-level": 10}`, zlib},
		{`{"announce-step": 0, "multifd-zlib-level": 10}`, zlib}, // the order is QEMU's
		{`{"multifd-zstd-level": 21}`, "Parameter 'multifd_zstd_level' expects a value between 0 and 20"},
		{`{"multifd-qatzip-level": 0}`, "Parameter 'multifd_qatzip_level' expects a value between 1 and 9"},
		{`{"xbzrle-cache-size": 2048}`, "Parameter 'xbzrle_cache_size' expects a power of two no less than the target page size"},
		{`{"xbzrle-cache-size": 12288}`, "Parameter 'xbzrle_cache_size' expects a power of two no less than the target page size"},
		{`{"max-cpu-throttle": 10}`, "Parameter 'max_cpu_throttle' expects an integer in the range of cpu_throttle_initial to 99"},
		{`{"announce-initial": 100001}`, "Parameter 'announce_initial' expects a value between 0 and 100000"},
		{`{"announce-max": 100001}`, "Parameter 'announce_max' expects a value between 0 and 100000"},
		{`{"announce-rounds": 1001}`, "Parameter 'announce_rounds' expects a value between 0 and 1000"},
		{`{"announce-step": 0}`, "Parameter 'announce_step' expects a value between 0 and 10000"},
		{`{"x-vcpu-dirty-limit-period": 0}`, "Parameter 'x-vcpu-dirty-limit-period' expects a value between 1 and 1000"},
		{`{"vcpu-dirty-limit": 0}`, "Parameter 'vcpu_dirty_limit' must be greater than 1 MB/s"},
		{`{"tls-creds": "t0"}`, ""},
		{`{"mode": "cpr-reboot"}`, "parameter 'mode' is not supported yet by this build"},
		{`{"direct-io": true}`, ""},
		{`{"zero-page-detection": "none", "multifd-compression": "zlib"}`, ""},
		{`{"block-bitmap-mapping": []}`, ""},
		{`{"block-bitmap-mapping": [{"node-name": "", "alias": "a", "bitmaps": []}]}`, ""},
		{`{"block-bitmap-mapping": [{"node-name": "n", "alias": "!x", "bitmaps": []}]}`, mapping + "The node alias '!x' is not well-formed"},
		{`{"block-bitmap-mapping": [{"node-name": "n", "alias": "", "bitmaps": []}]}`, mapping + "The node alias '' is not well-formed"},
		{`{"block-bitmap-mapping": [{"node-name": "n", "alias": "` + long + `", "bitmaps": []}]}`,
			mapping + "The node alias '" + long + "' is longer than 255 bytes"},
		{`{"block-bitmap-mapping": [{"node-name": "` + long + `", "alias": "a", "bitmaps": []}]}`,
			mapping + "The node name '" + long + "' is longer than 31 bytes"},
		{`{"block-bitmap-mapping": [{"node-name": "n", "alias": "a", "bitmaps": []}, {"node-name": "n", "alias": "a", "bitmaps": []}]}`,
			mapping + "The node name 'n' is mapped twice"},
		{`{"block-bitmap-mapping": [{"node-name": "n", "alias": "a", "bitmaps": []}, {"node-name": "m", "alias": "a", "bitmaps": []}]}`,
			mapping + "The node alias 'a' is used twice"},
		{`{"block-bitmap-mapping": [{"node-name": "n", "alias": "a", "bitmaps": [{"name": "b", "alias": "x"}, {"name": "b", "alias": "x"}]}]}`,
			mapping + "The bitmap 'n'/'b' is mapped twice"},
		{`{"block-bitmap-mapping": [{"node-name": "n", "alias": "a", "bitmaps": [{"name": "b", "alias": "x"}, {"name": "c", "alias": "x"}]}]}`,
			mapping + "The bitmap alias 'a'/'x' is used twice"},
		{`{"block-bitmap-mapping": [{"node-name": "n", "alias": "a", "bitmaps": [{"name": "b", "alias": "` + long + `"}]}]}`,
			mapping + "The bitmap alias '" + long + "' is longer than 255 bytes"},
		{`{"block-bitmap-mapping": [{"node-name": "n", "alias": "a", "bitmaps": [{"name": "` + strings.Repeat("b", 1024) + `", "alias": "x"}]}]}`,
			mapping + "The bitmap name '" + strings.Repeat("b", 1024) + "' is longer than 1023 bytes"},
		{`{"block-bitmap-mapping": [{"node-name": "n", "alias": "a1-._", "bitmaps": [{"name": "b", "alias": "x"}]}]}`, ""},
	} {
		before := *s.Parameters()
		value, err := qobject.Parse(c.args)
		if err != nil {
			t.Fatalf("%s: %v", c.args, err)
		}
		args, err := qapi.DecodeMigrateSetParameters(value.(*qobject.Dict))
		if err != nil {
			t.Fatalf("%s: %v", c.args, err)
		}
		err = s.SetParameters(args, false)
		said(t, c.args, err, c.want)
		if err != nil && !reflect.DeepEqual(before, *s.Parameters()) {
			t.Errorf("%s: something was stored", c.args)
		}
	}
	p := s.Parameters()
	if *p.MaxBandwidth != 1<<64-1 || *p.DowntimeLimit != 2000000 || *p.TLSAuthz != "x" || *p.TLSHostname != "" ||
		*p.TLSCreds != "t0" || p.BlockBitmapMapping[0].Alias != "a1-._" {
		t.Errorf("%s", p.AppendJSON(nil))
	}
}

// What two capabilities that later builds have must keep away from.
func TestParametersAndCapabilities(t *testing.T) {
	compressed := merge(defaultParameters(), &qapi.MigrateSetParameters{MultifdCompression: new(qapi.MultiFDCompressionZlib)})
	said(t, "plain", checkParameters(&compressed, capabilitySet("multifd")), "")
	said(t, "zero copy", checkParameters(&compressed, capabilitySet("multifd zero-copy-send")),
		"Zero copy only available for non-compressed non-TLS multifd migration")
	said(t, "mapped", checkParameters(&compressed, capabilitySet("mapped-ram")),
		"Mapped-ram only available for non-compressed non-TLS multifd migration")
}

func TestAChangeWakesTheLimiter(t *testing.T) {
	s := New()
	changed := s.Changed()
	if err := s.SetParameters(&qapi.MigrateSetParameters{MaxBandwidth: new(uint64(5))}, false); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
	default:
		t.Error("nobody was woken")
	}
}
