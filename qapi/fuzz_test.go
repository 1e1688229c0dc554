package qapi

import (
	"bytes"
	"errors"
	"testing"

	"qmpmigrate/qapi/qobject"
)

// FuzzDecode decodes anything into the arguments that nest the most, and into results. What is accepted must survive
// being encoded and decoded again.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`,
		`{"uri": "tcp:127.0.0.1:4444", "detach": true}`,
		`{"channels": [{"channel-type": "main", "addr": {"transport": "socket", "type": "inet", "host": "h", "port": "1", "to": 7}}]}`,
		`{"channels": [{"channel-type": "main", "addr": {"transport": "exec", "args": ["/bin/sh", "-c", "cat"]}}]}`,
		`{"channels": [{"channel-type": "cpr", "addr": {"transport": "file", "filename": "f", "offset": -1}}]}`,
		`{"capabilities": [{"capability": "events", "state": true}, {"capability": "x-colo", "state": false}]}`,
		`{"max-bandwidth": 18446744073709551615, "tls-creds": null, "tls-hostname": "", "multifd-compression": "zstd"}`,
		`{"block-bitmap-mapping": [{"node-name": "n", "alias": "a", "bitmaps": [{"name": "b", "alias": "c", "transform": {"persistent": true}}]}]}`,
		`{"name": "migrate", "meta-type": "command", "arg-type": "1", "ret-type": "0", "allow-oob": true}`,
		`{"name": "0", "meta-type": "object", "members": [{"name": "m", "type": "any", "default": [null, 1.5, {"x": {}}]}]}`,
		`{"status": "active", "ram": {"transferred": 1, "mbps": 1e3}, "socket-address": [{"type": "fd", "str": "7"}]}`,
		`{"status": "active", "ram": {"transferred": 0, "remaining": 0, "total": 0, "duplicate": 0, "normal": 0, "normal-bytes": 0,
		"dirty-pages-rate": 0, "mbps": -0.0, "dirty-sync-count": 0, "postcopy-requests": 0, "page-size": 4096, "multifd-bytes": -1,
		"pages-per-second": 0, "precopy-bytes": 0, "downtime-bytes": 0, "postcopy-bytes": 0, "dirty-sync-missed-zero-copy": 0}}`,
		`{"status": "completed", "postcopy-vcpu-blocktime": [69, 4294967296]}`,
		string(filledInfo().AppendJSON(nil)),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := qobject.Parse(text)
		d, ok := v.(*qobject.Dict)
		if err != nil || !ok {
			return
		}
		stable(t, d, DecodeMigrateArgs)
		stable(t, d, DecodeMigrateIncomingArgs)
		stable(t, d, DecodeMigrateSetCapabilitiesArgs)
		stable(t, d, DecodeMigrateSetParameters)
		stable(t, d, DecodeMigrationInfo)
		stable(t, d, DecodeSchemaInfo)
		stable(t, d, DecodeQMPCapabilitiesArgs)
	})
}

// stable decodes d; on success the encoding of the value must decode to what encodes the same.
func stable[R Result](t *testing.T, d *qobject.Dict, decode func(*qobject.Dict) (R, error)) {
	x, err := decode(d)
	if err != nil {
		if e, ok := errors.AsType[*Error](err); !ok || e.Class != GenericError || e.Desc == "" {
			t.Fatalf("%#v", err)
		}
		return
	}
	text := x.AppendJSON(nil)
	if bytes.Contains(text, []byte("inf")) {
		return // numbers too large for JSON are printed in a way that cannot be read again
	}
	v, err := qobject.Parse(string(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	again, err := decode(v.(*qobject.Dict))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	// "-0" is read as an integer, which has no such thing.
	zero := func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("-0"), []byte("0")) }
	if got := again.AppendJSON(nil); !bytes.Equal(zero(got), zero(text)) {
		t.Fatalf("decoded again:\n got  %s\n want %s", got, text)
	}
}
