package monitor

import "testing"

func TestParseAddress(t *testing.T) {
	for address, want := range map[string][2]string{
		"unix:/run/a.qmp":     {"unix", "/run/a.qmp"},
		"/run/a.qmp":          {"unix", "/run/a.qmp"},
		"a.qmp":               {"unix", "a.qmp"},
		"tcp:127.0.0.1:4444":  {"tcp", "127.0.0.1:4444"},
		"tcp:[::1]:4444":      {"tcp", "[::1]:4444"},
		"tcp:host.domain:qmp": {"tcp", "host.domain:qmp"},
		"localhost:4444":      {"tcp", "localhost:4444"},
		":4444":               {"tcp", ":4444"},
		"[::1]:4444":          {"tcp", "[::1]:4444"},
		"unix:a:4444":         {"unix", "a:4444"},
		"./a:4444":            {"unix", "./a:4444"},
		"a:b":                 {"unix", "a:b"},
		"a:70000":             {"unix", "a:70000"},
	} {
		network, where, err := ParseAddress(address)
		if err != nil || network != want[0] || where != want[1] {
			t.Errorf("%q is %s %s, %v", address, network, where, err)
		}
	}
	for _, address := range []string{"", "unix:", "tcp:", "tcp:host", "tcp:::1:4444"} {
		if network, where, err := ParseAddress(address); err == nil {
			t.Errorf("%q is %s %s", address, network, where)
		}
	}
}
