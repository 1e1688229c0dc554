package qapi

import (
	"context"
	"errors"
	"testing"

	"qmpmigrate/qapi/qobject"
)

// parse is the object that a client would have sent.
func parse(t testing.TB, text string) *qobject.Dict {
	t.Helper()
	v, err := qobject.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v.(*qobject.Dict)
}

// message is what a client would be told.
func message(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Class != GenericError {
		t.Fatalf("%#v is not a GenericError", err)
	}
	return e.Desc
}

// silent implements the modules under test with commands that do nothing.
type silent struct{ MigrationCommands }

func (silent) Migrate(context.Context, *MigrateArgs) error                               { return nil }
func (silent) MigrateCancel(context.Context) error                                       { return nil }
func (silent) MigrateIncoming(context.Context, *MigrateIncomingArgs) error               { return nil }
func (silent) MigrateSetCapabilities(context.Context, *MigrateSetCapabilitiesArgs) error { return nil }
func (silent) MigrateSetParameters(context.Context, *MigrateSetParameters) error         { return nil }
func (silent) QueryMigrate(context.Context) (*MigrationInfo, error)                      { return nil, nil }
func (silent) QueryMigrateCapabilities(context.Context) ([]MigrationCapabilityStatus, error) {
	return nil, nil
}
func (silent) QueryMigrateParameters(context.Context) (*MigrationParameters, error) { return nil, nil }

// TestArgumentErrors calls commands with wrong arguments; an empty message means that they are right.
func TestArgumentErrors(t *testing.T) {
	table := map[string]Command{}
	for _, c := range MigrationCommandTable(silent{}) {
		table[c.Name] = c
	}
	for _, c := range FDCommandTable(noFD{}) {
		table[c.Name] = c
	}
	const (
		set  = "migrate-set-parameters"
		caps = "migrate-set-capabilities"
	)
	inet := func(more string) string {
		return `{"channels": [{"channel-type": "main", "addr": {"transport": "socket", "type": "inet"` + more + `}}]}`
	}
	for _, test := range []struct{ command, args, want string }{
		// Missing.
		{"getfd", `{}`, "Parameter 'fdname' is missing"},
		{caps, `{}`, "Parameter 'capabilities' is missing"},
		{caps, `{"capabilities": [{"state": true}]}`, "Parameter 'capabilities[0].capability' is missing"},
		{caps, `{"capabilities": [{"capability": "events", "state": true}, {"capability": "events"}]}`, "Parameter 'capabilities[1].state' is missing"},

		// Unexpected, but only after everything that is known.
		{"migrate", `{"bogus": 1}`, "Parameter 'bogus' is unexpected"},
		{"migrate", `{"": 1}`, "Parameter '' is unexpected"},
		{"migrate_cancel", `{"foo": 1}`, "Parameter 'foo' is unexpected"},
		{"query-migrate", `{"foo": 1}`, "Parameter 'foo' is unexpected"},
		{"getfd", `{"bogus": 1}`, "Parameter 'fdname' is missing"},
		{"migrate", `{"bogus": 1, "uri": 2}`, "Invalid parameter type for 'uri', expected: string"},
		{caps, `{"capabilities": [{"capability": "events", "state": true, "x": 1}]}`, "Parameter 'capabilities[0].x' is unexpected"},
		{caps, `{"capabilities": [{"x": 1, "capability": "events"}]}`, "Parameter 'capabilities[0].state' is missing"},
		{caps, `{"y": 1, "capabilities": [{"x": 1, "capability": "events", "state": true}]}`, "Parameter 'capabilities[0].x' is unexpected"},

		// Types.
		{"migrate", `{"uri": 1}`, "Invalid parameter type for 'uri', expected: string"},
		{"migrate", `{"uri": null}`, "Invalid parameter type for 'uri', expected: string"},
		{"migrate", `{"detach": "yes"}`, "Invalid parameter type for 'detach', expected: boolean"},
		{"migrate", `{"channels": {}}`, "Invalid parameter type for 'channels', expected: array"},
		{"migrate", `{"channels": [[]]}`, "Invalid parameter type for 'channels[0]', expected: object"},
		{"migrate", `{"channels": [{"channel-type": "main", "addr": "x"}]}`, "Invalid parameter type for 'channels[0].addr', expected: object"},
		{"migrate", `{"channels": [{"channel-type": "main", "addr": {"transport": "exec", "args": ["a", 1]}}]}`, "Invalid parameter type for 'channels[0].addr.args[1]', expected: string"},

		// uint64 and size.
		{set, `{"max-bandwidth": 1.5}`, "Parameter 'max-bandwidth' expects uint64"},
		{set, `{"max-bandwidth": 1e3}`, "Parameter 'max-bandwidth' expects uint64"},
		{set, `{"max-bandwidth": "1M"}`, "Parameter 'max-bandwidth' expects uint64"},
		{set, `{"max-bandwidth": null}`, "Parameter 'max-bandwidth' expects uint64"},
		{set, `{"max-bandwidth": 18446744073709551616}`, "Parameter 'max-bandwidth' expects uint64"},
		{set, `{"max-bandwidth": 18446744073709551615}`, ""},
		{set, `{"max-bandwidth": -1}`, ""},
		{set, `{"downtime-limit": "300"}`, "Parameter 'downtime-limit' expects uint64"},

		// Small integers.
		{set, `{"multifd-channels": 256}`, "Parameter 'multifd-channels' expects uint8_t"},
		{set, `{"multifd-channels": -1}`, "Parameter 'multifd-channels' expects uint8_t"},
		{set, `{"multifd-channels": 255}`, ""},
		{set, `{"multifd-channels": "5"}`, "Parameter 'multifd-channels' expects uint64"},
		{set, `{"multifd-channels": 5.0}`, "Parameter 'multifd-channels' expects uint64"},
		{set, `{"x-checkpoint-delay": 4294967296}`, "Parameter 'x-checkpoint-delay' expects uint32_t"},
		{set, `{"x-checkpoint-delay": 4294967295}`, ""},
		{"migrate", inet(`, "host": "h", "port": "1", "to": 65536`), "Parameter 'to' expects uint16_t"},
		{"migrate", inet(`, "host": "h", "port": "1", "to": true`), "Parameter 'channels[0].addr.to' expects uint64"},

		// Enumerations: the whole path for the type, the last name alone for the value.
		{caps, `{"capabilities": [{"capability": 1, "state": true}]}`, "Invalid parameter type for 'capabilities[0].capability', expected: string"},
		{caps, `{"capabilities": [{"capability": "foo", "state": true}]}`, "Parameter 'capability' does not accept value 'foo'"},
		{set, `{"multifd-compression": "ZLIB"}`, "Parameter 'multifd-compression' does not accept value 'ZLIB'"},
		{set, `{"multifd-compression": ""}`, "Parameter 'multifd-compression' does not accept value ''"},

		// Alternates: the only ones that take null.
		{set, `{"tls-creds": 1}`, "Invalid parameter type for 'tls-creds', expected: StrOrNull"},
		{set, `{"tls-creds": {}}`, "Invalid parameter type for 'tls-creds', expected: StrOrNull"},
		{set, `{"tls-creds": null, "tls-hostname": "h"}`, ""},

		// Unions: members of the base first, then those of the branch.
		{"migrate", `{"channels": [{"channel-type": "main", "addr": {}}]}`, "Parameter 'channels[0].addr.transport' is missing"},
		{"migrate", `{"channels": [{"channel-type": "main", "addr": {"transport": "pigeon"}}]}`, "Parameter 'transport' does not accept value 'pigeon'"},
		{"migrate", `{"channels": [{"channel-type": "main", "addr": {"transport": "socket"}}]}`, "Parameter 'channels[0].addr.type' is missing"},
		{"migrate", inet(``), "Parameter 'channels[0].addr.host' is missing"},
		{"migrate", inet(`, "host": "h", "port": 4444`), "Invalid parameter type for 'channels[0].addr.port', expected: string"},
		{"migrate", inet(`, "host": "h", "port": "1", "path": "p"`), "Parameter 'channels[0].addr.path' is unexpected"},
		{"migrate", inet(`, "host": "h", "port": "1"`), ""},
		{"migrate", `{"channels": [{"channel-type": "main", "addr": {"transport": "file", "filename": "f"}}]}`, "Parameter 'channels[0].addr.offset' is missing"},

		// The order of the schema decides, not that of the request.
		{set, `{"direct-io": 1, "announce-initial": 1.5}`, "Parameter 'announce-initial' expects uint64"},
		{"migrate", `{"resume": 1, "channels": 2, "uri": 3}`, "Invalid parameter type for 'uri', expected: string"},
		{"migrate", `{}`, ""},
	} {
		c := table[test.command]
		if c.Call == nil {
			t.Fatalf("no command %s", test.command)
		}
		_, err := c.Call(context.Background(), parse(t, test.args))
		if got := message(t, err); got != test.want {
			t.Errorf("%s %s\n got  %q\n want %q", test.command, test.args, got, test.want)
		}
	}
}
