package interop

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"qmpmigrate/channels/tls/tlstest"
	"qmpmigrate/tests/emulator"
)

// refusal is a migration that TLS ends before it has begun: what each end has for it, and what it says.
type refusal struct {
	name           string
	client, server map[string]any // credentials; nil for none
	source, target map[string]any // parameters
	rules          map[string]any // an object with the destination's rules; nil for none
	says           []string       // the source, one of them
	hears          string         // the destination; where it ends, in QEMU's words or ours
	ends           bool           // the destination does
	only           []string       // pairs; nil for all
}

const (
	closed       = "TLS handshake failed: The TLS connection was non-properly terminated."
	unproven     = "Verify failed: No certificate was found."
	noIssuer     = "The certificate hasn't got a known issuer"
	noStream     = "Not a migration stream"
	broken       = "TLS handshake failed: Error in the pull function.: Unable to read from socket: Connection reset by peer"
	insufficient = "TLS handshake failed: Insufficient credentials for that request."
)

// cut is what a source says whose destination closed the channel after the handshake; it may not have noticed before
// it waits for an answer.
var cut = []string{"Unable to write to socket: Connection reset by peer", "Unable to write to socket: Broken pipe"}

func refusals(t *testing.T) []refusal {
	a, stranger := tlstest.NewAuthority(t, "ca"), tlstest.NewAuthority(t, "stranger")
	files := func(dir string) map[string]any { return map[string]any{"qom-type": "tls-creds-x509", "dir": dir} }
	known := func(keys string) map[string]any {
		return map[string]any{"qom-type": "tls-creds-psk", "dir": tlstest.Keys(t, keys)}
	}
	client := files(a.Dir(t, "client", a.Sign(t, tlstest.Host("client"))))
	server := files(a.Dir(t, "server", a.Sign(t, tlstest.Host("server"))))
	elsewhere := tlstest.Host("elsewhere")
	elsewhere.DNSNames, elsewhere.IPAddresses = []string{"elsewhere.example"}, nil
	// Its server is known to the client, but not the other way round.
	foreign := stranger.Dir(t, "client", stranger.Sign(t, tlstest.Host("client")))
	mine := a.Sign(t, tlstest.Host("client"))
	revoking := files(a.RevokeIn(t, a.Dir(t, "server", a.Sign(t, tlstest.Host("server"))), mine.Cert))
	old := tlstest.Host("client")
	old.NotBefore, old.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	expired := files(a.Dir(t, "client", a.Sign(t, old)))
	expired["sanity-check"] = false
	keeping := func(from map[string]any, priority string) map[string]any {
		from = maps.Clone(from)
		from["priority"] = priority
		return from
	}
	hello, other := "qemu:00112233445566778899aabbccddeeff\n", "qemu:ffeeddccbbaa99887766554433221100\n"
	rules := map[string]any{"qom-type": "authz-simple", "id": "az", "identity": "CN=other"}
	quick := []string{"ours_ours", "qemu_ours"}
	return []refusal{
		{name: "wrong host name", client: client, server: server, source: map[string]any{"tls-hostname": "bad.example"},
			says: []string{"Certificate does not match the hostname bad.example"}, ends: true},
		{name: "certificate of another host", client: client, server: files(a.Dir(t, "server", a.Sign(t, elsewhere))),
			says: []string{"Certificate does not match the hostname 127.0.0.1"}, ends: true, only: quick},
		{name: "neither knows the other", client: files(foreign), server: server,
			says: []string{noIssuer}, hears: unproven},
		{name: "no client certificate", client: files(a.Dir(t, "client", nil)), server: server, says: cut, hears: unproven},
		{name: "revoked", client: files(a.Dir(t, "client", mine)), server: revoking, says: cut, hears: "The certificate has been revoked"},
		{name: "expired", client: expired, server: server, says: cut, hears: "The certificate is not trusted"},
		{name: "no common version", client: keeping(client, "NORMAL:-VERS-ALL:+VERS-TLS1.2"), server: keeping(server, "NORMAL:-VERS-ALL:+VERS-TLS1.3"),
			says: []string{closed, broken}, hears: "TLS handshake failed: No supported cipher suites have been found."},
		{name: "no priority", client: keeping(client, "NORMAL:+NO"), server: server,
			says: []string{"Cannot set default TLS session priority NORMAL:+NO: The request is invalid."}, hears: closed, only: quick},
		{name: "plain client", server: server,
			says: cut, hears: "TLS handshake failed: An unexpected TLS packet was received."},
		{name: "plain server", client: client, says: []string{closed}, hears: noStream, ends: true},
		{name: "rules deny", client: client, server: server, target: map[string]any{"tls-authz": "az"}, rules: rules,
			says: cut, hears: "TLS x509 authz check for CN=client is denied", only: quick},
		{name: "no rules", client: client, server: server, target: map[string]any{"tls-authz": "az"},
			says: cut, hears: "Cannot find QAuthZ object ID az", only: quick},
		{name: "wrong key", client: known(hello), server: known(other),
			says: []string{closed}, hears: "TLS handshake failed: An illegal parameter has been received."},
		{name: "unknown user", client: known(hello), server: known("un" + hello),
			says: []string{closed}, hears: "TLS handshake failed: An illegal parameter has been received.", only: quick},
		{name: "key against certificate", client: known(hello), server: server,
			says: []string{insufficient}, hears: "TLS handshake failed: ", only: quick},
		{name: "certificate against key", client: client, server: known(hello),
			says: []string{closed, "TLS handshake failed: A TLS fatal alert has been received."}, hears: insufficient},
		{name: "no credentials here", source: map[string]any{"tls-creds": "nope"},
			says: []string{"No TLS credentials with id 'nope'"}, ends: true, only: quick},
		{name: "no credentials there", client: client, target: map[string]any{"tls-creds": "nope"},
			says:  []string{closed, broken},
			hears: "No TLS credentials with id 'nope'", ends: true, only: quick},
		{name: "credentials of the other end", client: client, server: client,
			says:  []string{closed, broken},
			hears: "Expected TLS credentials for a server endpoint", ends: true, only: quick},
	}
}

// What TLS refuses leaves the source running, and both ends say why, whoever is at the other end.
func TestTLSRefusals(t *testing.T) {
	qemu, ours := emulator.NeedQEMU(t, "10.0"), emulator.NeedServer(t)
	list := refusals(t)
	machine := []string{"-machine", "pc-i440fx-10.0", "-accel", "tcg", "-m", "16", "-nodefaults"}
	for _, pair := range []struct {
		name     string
		src, dst emulator.Program
	}{{"ours_ours", ours, ours}, {"qemu_ours", qemu, ours}, {"ours_qemu", ours, qemu}} {
		t.Run(pair.name, func(t *testing.T) {
			t.Parallel()
			src := emulator.Launch(t, pair.src, "source", machine...)
			for _, r := range list {
				if r.only == nil || slices.Contains(r.only, pair.name) {
					r.check(t, src, emulator.Launch(t, pair.dst, "destination", append(machine, "-incoming", "defer")...))
				}
			}
		})
	}
}

func (r *refusal) check(t *testing.T, src, dst *emulator.Emulator) {
	t.Helper()
	ctx := t.Context()
	// A client is done with its handshake first: all that a faster one sends would be gone before it is refused.
	emulator.Must(t, src.SetParameters(ctx, map[string]any{"tls-creds": "", "tls-hostname": "", "max-bandwidth": 64 << 10}))
	if r.client != nil {
		_ = src.Execute(ctx, "object-del", map[string]any{"id": "tls-client"}, nil)
		encrypt(t, src, "client", r.client)
	}
	if r.server != nil {
		end := "server"
		if maps.Equal(r.server, r.client) {
			end = "client"
		}
		encrypt(t, dst, end, r.server)
	}
	if r.rules != nil {
		emulator.Must(t, dst.Execute(ctx, "object-add", r.rules, nil))
	}
	for e, parameters := range map[*emulator.Emulator]map[string]any{src: r.source, dst: r.target} {
		if parameters != nil {
			emulator.Must(t, e.SetParameters(ctx, parameters))
		}
	}
	emulator.Must(t, emulator.TCP().Migrate(ctx, src, dst))
	m, err := src.WaitMigration(ctx, "failed")
	emulator.Must(t, err)
	if !slices.Contains(r.says, m.ErrorDesc) {
		t.Errorf("%s: the source says %q", r.name, m.ErrorDesc)
	}
	if state, err := src.RunState(ctx); err != nil || state != "running" {
		t.Errorf("%s: the source is %s (%v)", r.name, state, err)
	}
	if r.ends {
		exit, err := dst.Wait(ctx)
		emulator.Must(t, err)
		if exit.Status != 1 {
			t.Errorf("%s: the destination ends with %d", r.name, exit.Status)
		}
	} else {
		m, err := dst.QueryMigrate(ctx)
		emulator.Must(t, err)
		if m.Status != "setup" {
			t.Errorf("%s: the destination is %s", r.name, m.Status)
		}
	}
	if !hears(ctx, dst, r.hears) {
		t.Errorf("%s: the destination says %q", r.name, dst.Stderr())
	}
	emulator.Must(t, dst.Stop())
}

// hears waits until an emulator has printed a text.
func hears(ctx context.Context, e *emulator.Emulator, text string) bool {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if strings.Contains(e.Stderr(), text) {
			return true
		}
		if _, err := e.RunState(ctx); err != nil { // it has said all
			return strings.Contains(e.Stderr(), text)
		}
	}
	return false
}
