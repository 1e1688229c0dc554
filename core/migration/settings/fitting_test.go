package settings

import (
	"testing"

	"qmpmigrate/channels"
	"qmpmigrate/qapi"
)

func TestSuits(t *testing.T) {
	const many = "Migration requires multi-channel URIs (e.g. tcp)"
	direct := merge(defaultParameters(), &qapi.MigrateSetParameters{DirectIO: new(true)})
	transfer := merge(defaultParameters(), &qapi.MigrateSetParameters{Mode: new(qapi.MigModeCPRTransfer)})
	plain := defaultParameters()
	for _, c := range []struct {
		uri, on string
		p       *qapi.MigrationParameters
		want    string
	}{
		{"exec:x", "", &plain, ""},
		{"exec:x", "multifd", &plain, many},
		{"fd:x", "postcopy-preempt", &plain, many},
		{"file:x", "multifd", &plain, many},
		{"file:x", "multifd mapped-ram", &direct, ""},
		{"tcp:h:1", "multifd postcopy-preempt", &plain, ""},
		{"vsock:1:1", "multifd", &plain, ""},
		{"tcp:h:1", "multifd mapped-ram", &plain, "Migration requires seekable transport (e.g. file)"},
		{"tcp:h:1", "multifd", &direct, "Migration requires a transport that allows for extra fds (e.g. file)"},
		{"file:x", "", &transfer, "Migration requires streamable transport (eg unix)"},
	} {
		a, err := channels.ParseURI(c.uri)
		if err != nil {
			t.Fatal(err)
		}
		said(t, c.uri+" "+c.on, suits(a, capabilitySet(c.on), c.p), c.want)
	}
}

func TestStartConflict(t *testing.T) {
	with := func(args qapi.MigrateSetParameters) *qapi.MigrationParameters {
		p := merge(defaultParameters(), &args)
		return &p
	}
	cpr := with(qapi.MigrateSetParameters{Mode: new(qapi.MigModeCPRReboot)})
	said(t, "plain", startConflict(capabilitySet("postcopy-ram mapped-ram"), with(qapi.MigrateSetParameters{})), "")
	said(t, "tls", startConflict(capabilitySet("mapped-ram"), with(qapi.MigrateSetParameters{TLSCreds: &qapi.StrOrNull{S: new("t")}})),
		"Cannot use TLS with mapped-ram")
	said(t, "zlib", startConflict(capabilitySet("mapped-ram"),
		with(qapi.MigrateSetParameters{MultifdCompression: new(qapi.MultiFDCompressionZlib)})), "Cannot use compression with mapped-ram")
	for on, want := range map[string]string{
		"": "", "postcopy-ram x-colo": "Cannot use postcopy with CPR", "dirty-bitmaps": "Cannot use postcopy with CPR",
		"background-snapshot": "Cannot use background snapshot with CPR", "x-colo": "Cannot use COLO with CPR",
	} {
		said(t, on, startConflict(capabilitySet(on), cpr), want)
	}
}
