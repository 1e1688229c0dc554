package links

import (
	"testing"

	"qmpmigrate/channels"
	"qmpmigrate/qapi"
)

// An address comes back as it was said, where it is one that query-migrate shows.
func TestAddresses(t *testing.T) {
	for uri, want := range map[string]string{
		"tcp:h:1":        `{"type": "inet", "host": "h", "port": "1"}`,
		"tcp:h:1,ipv4":   `{"type": "inet", "host": "h", "port": "1", "ipv4": true}`,
		"unix:/run/x":    `{"type": "unix", "path": "/run/x"}`,
		"vsock:3:4":      `{"type": "vsock", "cid": "3", "port": "4"}`,
		"rdma:1.2.3.4:5": `{"type": "inet", "host": "1.2.3.4", "port": "5"}`,
		"exec:x":         "", "file:x": "", "fd:7": "",
	} {
		for _, parse := range []func(*string, []qapi.MigrationChannel) (channels.Address, error){Outgoing, Incoming} {
			addr, err := parse(&uri, nil)
			if err != nil {
				t.Errorf("%s: %v", uri, err)
				continue
			}
			got := ""
			if s := SocketAddress(addr); s != nil {
				got = string(s.AppendJSON(nil))
			}
			if got != want {
				t.Errorf("%s: %s", uri, got)
			}
		}
	}
}

// A list has one main channel. What else it has counts only for who listens.
func TestChannelLists(t *testing.T) {
	channel := func(kind qapi.MigrationChannelType, path string) qapi.MigrationChannel {
		return qapi.MigrationChannel{ChannelType: kind, Addr: qapi.MigrationAddress{Transport: qapi.MigrationAddressTypeSocket,
			Socket: &qapi.SocketAddress{Type: qapi.SocketAddressTypeUnix, Unix: &qapi.UnixSocketAddress{Path: path}}}}
	}
	main, cpr := channel(qapi.MigrationChannelTypeMain, "/m"), channel(qapi.MigrationChannelTypeCPR, "/c")
	for name, c := range map[string]struct {
		list     []qapi.MigrationChannel
		out, in  string // errors
		outgoing string // path
	}{
		"none": {nil, "need either 'uri' or 'channels' argument", "need either 'uri' or 'channels' argument", ""},
		"one":  {[]qapi.MigrationChannel{main}, "", "", "/m"},
		"both": {[]qapi.MigrationChannel{cpr, main}, "", "Channel list must have only one entry, for type 'main'", "/m"},
		"two": {[]qapi.MigrationChannel{main, main}, "Channel list has more than one main entry",
			"Channel list must have only one entry, for type 'main'", ""},
	} {
		addr, err := Outgoing(nil, c.list)
		if text(err) != c.out || addr.Unix.Path != c.outgoing {
			t.Errorf("%s, outgoing: %v, %q", name, err, addr.Unix.Path)
		}
		if _, err := Incoming(nil, c.list); text(err) != c.in {
			t.Errorf("%s, incoming: %v", name, err)
		}
	}
}

// text is that of an error, "" for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
