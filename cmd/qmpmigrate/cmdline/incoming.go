package cmdline

import (
	"slices"
	"strings"

	"qmpmigrate/qapi/qobject"
)

// Incoming is -incoming: where a migration stream comes from. What a URI means is for the channels to say.
type Incoming struct {
	URI     string        // "defer", "tcp:HOST:PORT", ...; empty if Channel is set
	Channel *qobject.Dict // a MigrationChannel with typed members, as migrate-incoming takes it
	Type    string        // of the channel: main or cpr
	Where   Origin
}

// Deferred tells whether the address comes later, with migrate-incoming.
func (i Incoming) Deferred() bool { return i.URI == "defer" }

// incomingOption is -incoming. For each type of channel the last one counts.
func incomingOption(r *run, value string) error {
	in := Incoming{URI: value, Type: "main", Where: r.at}
	if value != "defer" && !looksLikeURI(value) {
		channel, err := parseChannel(value)
		if err != nil {
			return err
		}
		kind, _ := channel.Get("channel-type")
		in = Incoming{Channel: channel, Type: kind.(string), Where: r.at}
	}
	r.cfg.Incoming = slices.DeleteFunc(r.cfg.Incoming, func(old Incoming) bool { return old.Type == in.Type })
	r.cfg.Incoming = append(r.cfg.Incoming, in)
	return nil
}

// looksLikeURI tells a URI from a channel: letters, or none, and a colon.
func looksLikeURI(text string) bool {
	scheme, _, ok := strings.Cut(text, ":")
	return ok && strings.IndexFunc(scheme, func(c rune) bool { return c >= 0x80 || !isLetter(byte(c)) }) < 0
}

// parseChannel reads a MigrationChannel in either form.
func parseChannel(text string) (*qobject.Dict, error) {
	t, err := parseStructured(text, "channel-type")
	if err != nil {
		return nil, err
	}
	channel := qobject.NewDict()
	kind := field{name: "channel-type", kind: fieldEnum, values: []string{"main", "cpr"}}
	readFields(t, []field{kind.required()}, channel)
	t.need("addr")
	if addr := t.object("addr"); addr != nil {
		channel.Set("addr", readAddress(addr))
	}
	return channel, t.finish()
}
