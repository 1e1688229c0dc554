package migration

import (
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// Every status and every step: only what the table says happens, and what it
// says makes sense.
func TestTransitions(t *testing.T) {
	table := transitions()
	for _, from := range qapi.MigrationStatusValues() {
		for on := stepStart; on <= stepUnwound; on++ {
			to, ok := table[edge{from, on}]
			if !ok {
				continue
			}
			switch {
			case on == stepStart && (running(from) || to != qapi.MigrationStatusSetup):
				t.Errorf("%s starts into %s", from, to)
			case on != stepStart && !running(from):
				t.Errorf("%s is over, and step %d leads to %s", from, on, to)
			case on == stepBreak && to != qapi.MigrationStatusFailed:
				t.Errorf("%s breaks into %s", from, to)
			case on == stepCancel && to != qapi.MigrationStatusCancelling:
				t.Errorf("%s is cancelled into %s", from, to)
			}
		}
		_, cancels := table[edge{from, stepCancel}]
		_, breaks := table[edge{from, stepBreak}]
		if want := running(from) && from != qapi.MigrationStatusCancelling; cancels != want || breaks != want {
			t.Errorf("%s: can be cancelled %v, can break %v", from, cancels, breaks)
		}
	}
	s := qapi.MigrationStatusNone
	for _, on := range []step{stepStart, stepSetupDone, stepStopped, stepSaved} {
		s = table[edge{s, on}]
	}
	if s != qapi.MigrationStatusCompleted {
		t.Errorf("a migration without trouble ends as %q", s)
	}
}

func TestWindow(t *testing.T) {
	var w window
	now := time.Unix(0, 0)
	w.start(now, 1000, 0)
	if w.threshold(0, time.Second) != 0 {
		t.Error("a bandwidth is known before anything was measured")
	}
	if w.room(1000+10<<20, 0) < 1<<60 || w.room(1099, 1000) != 1 || w.room(1100, 1000) != 0 || w.room(5000, 1) != 0 ||
		w.room(1000, 1) != 1 || w.room(1000, math.MaxUint64) < 1<<60 {
		t.Error("the limit of a window is wrong")
	}
	if w.over(now.Add(99*time.Millisecond)) || !w.over(now.Add(windowLength)) || w.left(now) != windowLength {
		t.Error("the end of a window is wrong")
	}
	w.roll(now.Add(200*time.Millisecond), 1000+4<<20, 1024)
	if want := float64(4<<20) / 200; w.bandwidth != want || w.moved != 4<<20 || w.pagesRate != 5120 {
		t.Errorf("bandwidth %v, moved %d, pages %v", w.bandwidth, w.moved, w.pagesRate)
	}
	if got := w.threshold(0, 300*time.Millisecond); got != 4<<20*3/2 {
		t.Errorf("threshold %d", got)
	}
	if got := w.threshold(1e6, 300*time.Millisecond); got != 300000 {
		t.Errorf("threshold with a promise %d", got)
	}
	if got := w.threshold(math.MaxUint64, time.Hour); got != 1<<62 {
		t.Errorf("threshold %d", got)
	}
}

func TestParameters(t *testing.T) {
	o := newOptions()
	for args, want := range map[string]string{
		`{}`: "",
		`{"max-bandwidth": 1, "downtime-limit": 2000000}`: "",
		`{"tls-hostname": null, "tls-authz": "x"}`:        "",
		`{"downtime-limit": 2000001}`:                     "Parameter 'downtime_limit' expects an integer in the range of 0 to (2000 * 1000) ms",
		`{"throttle-trigger-threshold": 0}`:               "Parameter 'throttle_trigger_threshold' expects an integer in the range of 1 to 100",
		`{"cpu-throttle-initial": 100}`:                   "Parameter 'cpu_throttle_initial' expects an integer in the range of 1 to 99",
		`{"cpu-throttle-increment": 0}`:                   "Parameter 'cpu_throttle_increment' expects an integer in the range of 1 to 99",
		`{"multifd-channels": 0}`:                         "Parameter 'multifd_channels' expects a value between 1 and 255",
		`{"multifd-zlib-level": 10}`:                      "Parameter 'multifd_zlib_level' expects a value between 0 and 9",
		`{"multifd-zstd-level": 21}`:                      "Parameter 'multifd_zstd_level' expects a value between 0 and 20",
		`{"multifd-qatzip-level": 0}`:                     "Parameter 'multifd_qatzip_level' expects a value between 1 and 9",
		`{"xbzrle-cache-size": 2048}`:                     "Parameter 'xbzrle_cache_size' expects a power of two no less than the target page size",
		`{"xbzrle-cache-size": 12288}`:                    "Parameter 'xbzrle_cache_size' expects a power of two no less than the target page size",
		`{"max-cpu-throttle": 10}`:                        "Parameter 'max_cpu_throttle' expects an integer in the range of cpu_throttle_initial to 99",
		`{"announce-initial": 100001}`:                    "Parameter 'announce_initial' expects a value between 0 and 100000",
		`{"announce-max": 100001}`:                        "Parameter 'announce_max' expects a value between 0 and 100000",
		`{"announce-rounds": 1001}`:                       "Parameter 'announce_rounds' expects a value between 0 and 1000",
		`{"announce-step": 0}`:                            "Parameter 'announce_step' expects a value between 0 and 10000",
		`{"x-vcpu-dirty-limit-period": 0}`:                "Parameter 'x-vcpu-dirty-limit-period' expects a value between 1 and 1000",
		`{"vcpu-dirty-limit": 0}`:                         "Parameter 'vcpu_dirty_limit' must be greater than 1 MB/s",
		`{"tls-creds": "t0"}`:                             "parameter 'tls-creds' is not supported yet by this build",
		`{"mode": "cpr-reboot"}`:                          "parameter 'mode' is not supported yet by this build",
		`{"direct-io": true}`:                             "parameter 'direct-io' is not supported yet by this build",
	} {
		value, err := qobject.Parse(args)
		if err != nil {
			t.Fatal(err)
		}
		set, err := qapi.DecodeMigrateSetParameters(value.(*qobject.Dict))
		if err != nil {
			t.Fatal(err)
		}
		before := *o.listParameters()
		err = o.setParameters(set)
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: %v", args, err)
		}
		if err != nil && !reflect.DeepEqual(before, *o.listParameters()) {
			t.Errorf("%s: something was stored", args)
		}
	}
	if p := o.listParameters(); *p.MaxBandwidth != 1 || *p.DowntimeLimit != 2000000 || *p.TLSAuthz != "x" || *p.TLSHostname != "" {
		t.Errorf("%s", p.AppendJSON(nil))
	}
}

func TestAChangeWakesTheLimiter(t *testing.T) {
	o := newOptions()
	changed := o.changed()
	if err := o.setParameters(&qapi.MigrateSetParameters{MaxBandwidth: new(uint64(5))}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
	default:
		t.Error("nobody was woken")
	}
}

// Of the capabilities this build refuses exactly these.
func TestRefusedCapabilities(t *testing.T) {
	var refused []string
	for _, c := range qapi.MigrationCapabilityValues() {
		o := newOptions()
		err := o.setCapabilities([]qapi.MigrationCapabilityStatus{{Capability: c, State: true}})
		if err == nil {
			if !o.enabled(c) {
				t.Errorf("%s is not on", c)
			}
			continue
		}
		if want := "capability '" + string(c) + "' is not supported yet by this build"; err.Error() != want {
			t.Errorf("%v", err)
		}
		refused = append(refused, string(c))
	}
	const want = "xbzrle rdma-pin-all auto-converge zero-blocks postcopy-ram x-colo release-ram return-path " +
		"pause-before-switchover multifd dirty-bitmaps postcopy-blocktime late-block-activate x-ignore-shared " +
		"validate-uuid background-snapshot zero-copy-send postcopy-preempt switchover-ack dirty-limit mapped-ram"
	if got := strings.Join(refused, " "); got != want {
		t.Errorf("refused are %s", got)
	}
}

func TestQuirksFollowTheMachine(t *testing.T) {
	for name, want := range map[string]bool{
		"pc-i440fx-7.2": false, "pc-q35-9.2": false, "pc-q35-10.0": true, "pc-i440fx-10.1": true, "memtest": true,
		"pc-x.y": true, "": true,
	} {
		if sendsSwitchoverStart(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func TestResolve(t *testing.T) {
	none := func(string) (*os.File, error) { return nil, nil }
	for args, want := range map[string]string{
		`{}`: "need either 'uri' or 'channels' argument",
		`{"uri": "unix:/x", "channels": [{"channel-type": "main", "addr": {"transport": "file", "filename": "f", "offset": 0}}]}`: "need either 'uri' or 'channels' argument",
		`{"channels": []}`: "need either 'uri' or 'channels' argument",
		`{"channels": [{"channel-type": "cpr", "addr": {"transport": "file", "filename": "f", "offset": 0}}]}`: "channel type 'cpr' is not supported yet by this build",
		`{"channels": [{"channel-type": "main", "addr": {"transport": "file", "filename": "f", "offset": 0}},
			{"channel-type": "main", "addr": {"transport": "file", "filename": "f", "offset": 0}}]}`: "Channel list has more than one main entry",
		`{"channels": [{"channel-type": "main", "addr": {"transport": "exec", "args": []}}]}`:               "Parameter 'args' expects a command",
		`{"channels": [{"channel-type": "main", "addr": {"transport": "rdma", "host": "h", "port": "1"}}]}`: "transport 'rdma' is not supported yet by this build",
		`{"uri": "bogus:1"}`:     "unknown migration protocol: bogus:1",
		`{"uri": "unix:/run/x"}`: "",
		`{"channels": [{"channel-type": "main", "addr": {"transport": "socket", "type": "inet", "host": "h", "port": "1"}}]}`: "",
	} {
		value, err := qobject.Parse(args)
		if err != nil {
			t.Fatal(err)
		}
		m, err := qapi.DecodeMigrateArgs(value.(*qobject.Dict))
		if err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		a, err := Resolve(m.URI, m.Channels, none)
		if want == "" {
			if err != nil || a.Transport != channels.TransportSocket {
				t.Errorf("%s: %+v, %v", args, a, err)
			}
			continue
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v", args, err)
		}
	}
}
