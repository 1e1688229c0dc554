package qapi

import (
	"testing"

	"qmpmigrate/qapi/qobject"
)

func TestEncoding(t *testing.T) {
	for _, test := range []struct {
		value Result
		want  string
	}{
		{&MigrationInfo{}, `{}`},
		{&StatusInfo{Running: true, Status: RunStateRunning}, `{"running": true, "status": "running"}`},
		{
			&VersionInfo{QEMU: VersionTriple{Major: 10, Micro: 2}, Package: ""},
			`{"qemu": {"micro": 2, "minor": 0, "major": 10}, "package": ""}`,
		},
		{
			&MigrationInfo{Status: new(MigrationStatusFailed), ErrorDesc: new("Failed to connect to 'é\n'")},
			`{"status": "failed", "error-desc": "Failed to connect to '\u00E9\n'"}`,
		},
		{
			&MigrationInfo{Status: new(MigrationStatusSetup), SocketAddress: []SocketAddress{
				{Type: SocketAddressTypeInet, Inet: &InetSocketAddress{Host: "::1", Port: "43967", IPv6: new(true)}},
				{Type: SocketAddressTypeUnix, Unix: &UnixSocketAddress{Path: "/run/mig"}},
			}},
			`{"status": "setup", "socket-address": [{"type": "inet", "host": "::1", "port": "43967", "ipv6": true}, {"type": "unix", "path": "/run/mig"}]}`,
		},
		{
			&MigrationInfo{BlockedReasons: []string{}, PostcopyVCPUBlocktime: []uint32{69, 4294967295}},
			`{"blocked-reasons": [], "postcopy-vcpu-blocktime": [69, 4294967295]}`,
		},
		{
			&XBZRLECacheStats{CacheSize: 1 << 63, Bytes: -1, CacheMissRate: 0.34122763319106542, EncodingRate: 682},
			`{"cache-size": 9223372036854775808, "bytes": -1, "pages": 0, "cache-miss": 0, "cache-miss-rate": 0.34122763319106542, "encoding-rate": 682, "overflow": 0}`,
		},
		{
			&MigrateSetParameters{TLSCreds: &StrOrNull{N: new(qobject.Null)}, TLSHostname: &StrOrNull{S: new("h")}, TLSAuthz: &StrOrNull{}},
			`{"tls-creds": null, "tls-hostname": "h", "tls-authz": null}`,
		},
		{
			&SchemaInfoObjectMember{Name: "n", Type: "int", Default: qobject.Null{}},
			`{"name": "n", "type": "int", "default": null}`,
		},
		{&SchemaInfoEnum{}, `{"members": [], "values": []}`},
		// A branch that was forgotten leaves its members out.
		{&SocketAddress{Type: SocketAddressTypeVsock}, `{"type": "vsock"}`},
		{ClassErrorf(DeviceNotFound, "Instance %q", "x"), `{"class": "DeviceNotFound", "desc": "Instance \"x\""}`},
	} {
		if got := string(test.value.AppendJSON(nil)); got != test.want {
			t.Errorf("%T\n got  %s\n want %s", test.value, got, test.want)
		}
		if got := string(test.value.AppendJSON([]byte(`{"return": `))); got != `{"return": `+test.want {
			t.Errorf("%T behind other text: %s", test.value, got)
		}
	}
}

func TestEvents(t *testing.T) {
	for _, test := range []struct {
		event      Event
		name, data string
	}{
		{StopEvent{}, "STOP", ""},
		{ResumeEvent{}, "RESUME", ""},
		{MigrationEvent{Status: MigrationStatusPostcopyActive}, "MIGRATION", `{"status": "postcopy-active"}`},
		{MigrationPassEvent{Pass: 3}, "MIGRATION_PASS", `{"pass": 3}`},
		{ShutdownEvent{Reason: ShutdownCauseHostQMPQuit}, "SHUTDOWN", `{"guest": false, "reason": "host-qmp-quit"}`},
	} {
		if got := test.event.EventName(); got != test.name {
			t.Errorf("name %s, want %s", got, test.name)
		}
		if got := string(test.event.AppendData([]byte("x"))); got != "x"+test.data {
			t.Errorf("%s: data %s, want %s", test.name, got, test.data)
		}
	}
}

func TestEnums(t *testing.T) {
	values := MigrationCapabilityValues()
	if len(values) != 22 || values[0] != MigrationCapabilityXBZRLE || values[21] != MigrationCapabilityMappedRAM {
		t.Errorf("capabilities: %v", values)
	}
	for _, v := range values {
		if got, ok := ParseMigrationCapability(string(v)); got != v || !ok {
			t.Errorf("%s parses as %s, %v", v, got, ok)
		}
	}
	for _, name := range []string{"", "compress", "XBZRLE", "xbzrle "} {
		if got, ok := ParseMigrationCapability(name); got != "" || ok {
			t.Errorf("%q parses as %s", name, got)
		}
	}
	if n := len(MigrationStatusValues()); n != 15 {
		t.Errorf("%d statuses", n)
	}
	if n := len(MigrationParameterValues()); n != 29 {
		t.Errorf("%d parameters", n)
	}
}

// filledInfo is an answer of query-migrate as it is in the middle of a migration.
func filledInfo() *MigrationInfo {
	return &MigrationInfo{
		Status: new(MigrationStatusActive), TotalTime: new(int64(356)), ExpectedDowntime: new(int64(300)), SetupTime: new(int64(1)),
		RAM: &MigrationStats{Total: 157818880, Transferred: 126049225, Mbps: 2496.5337029702969, PagesPerSecond: 76039, PageSize: 4096},
	}
}

// TestEncodingAllocates nothing but the buffer.
func TestEncodingAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 4096)
	status := &StatusInfo{Running: true, Status: RunStateRunning}
	info := filledInfo()
	if n := testing.AllocsPerRun(100, func() {
		status.AppendJSON(buf)
		info.AppendJSON(buf)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkEncodeQueryMigrate(b *testing.B) {
	buf := make([]byte, 0, 4096)
	info := filledInfo()
	b.ReportAllocs()
	for b.Loop() {
		info.AppendJSON(buf)
	}
}

func BenchmarkDecodeMigrate(b *testing.B) {
	d := parse(b, `{"channels": [{"channel-type": "main", "addr": {"transport": "socket", "type": "inet", "host": "h", "port": "1"}}]}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeMigrateArgs(d); err != nil {
			b.Fatal(err)
		}
	}
}
