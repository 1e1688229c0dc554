package conduct

import (
	"strings"
	"testing"
)

func TestSourceURI(t *testing.T) {
	at := []socketAddress{{Type: "inet", Host: "0.0.0.0", Port: "4711"}}
	for _, tc := range []struct {
		uri       string
		listening []socketAddress
		want      string
	}{
		{"tcp:127.0.0.1:0", at, "tcp:127.0.0.1:4711"},
		{"tcp:127.0.0.1:5555", at, "tcp:127.0.0.1:5555"},
		{"tcp:127.0.0.1:4000,to=5000", at, "tcp:127.0.0.1:4711"},
		{"tcp:127.0.0.1:4000,ipv4=on", nil, "tcp:127.0.0.1:4000"},
		{"tcp:0:0", at, "tcp:127.0.0.1:4711"},
		{"tcp::0", at, "tcp:127.0.0.1:4711"},
		{"tcp:0.0.0.0:4000", at, "tcp:127.0.0.1:4000"},
		{"tcp:[::]:0", at, "tcp:[::1]:4711"},
		{"tcp:host-b:0", at, "tcp:host-b:4711"},
		{"unix:/run/m", nil, "unix:/run/m"},
		{"fd:mig", nil, "fd:mig"},
		{"vsock:2:1234", nil, "vsock:2:1234"},
	} {
		if got, err := sourceURI(tc.uri, tc.listening); err != nil || got != tc.want {
			t.Errorf("%s gives %s, %v, not %s", tc.uri, got, err, tc.want)
		}
	}
	for uri, want := range map[string]string{
		"tcp:127.0.0.1:0": "does not tell at which port",
		"tcp:127.0.0.1":   "missing port",
		"exec:cat >x":     "cannot be for both sides",
		"file:/x":         "cannot be for both sides",
	} {
		if got, err := sourceURI(uri, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %s, %v", uri, got, err)
		}
	}
}

func TestSocketAddressURI(t *testing.T) {
	for want, a := range map[string]socketAddress{
		"tcp:127.0.0.1:1": {Type: "inet", Host: "0.0.0.0", Port: "1"},
		"tcp:[fe80::1]:1": {Type: "inet", Host: "fe80::1", Port: "1"},
		"unix:/x":         {Type: "unix", Path: "/x"},
		"":                {Type: "vsock"},
	} {
		if got := a.uri(); got != want {
			t.Errorf("%+v is %q", a, got)
		}
	}
}
