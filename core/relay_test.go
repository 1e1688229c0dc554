package core

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/qapi"
	"qmpmigrate/tests/testdata"
)

// relay takes the stream in the file at in into an adopted machine and writes
// what that machine sends to a file.
func relay(t *testing.T, in string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	m := NewRelay(Config{Incoming: true}, adopt.New())
	defer m.Close()
	if err := m.MigrateIncoming(ctx, &qapi.MigrateIncomingArgs{URI: new("file:" + in)}); err != nil {
		t.Fatal(err)
	}
	finished(t, ctx, m)
	kind, err := m.QomGet(ctx, &qapi.QomGetArgs{Path: "/machine", Property: "adopted-type"})
	if want := m.guest.Configuration().Machine; err != nil || kind != want || want == "" {
		t.Errorf("the VM is a %v (%v), not a %s", kind, err, want)
	}
	return (&prover{Machine: m}).sent(t)
}

// sent is the stream that a machine sends.
func (p *prover) sent(t *testing.T) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	p.send(t, "file:"+out)
	p.reach(t, completed)
	stream, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// adopted is a machine that has adopted the one of a stream.
func adopted(t *testing.T, conf Config, stream []byte) *prover {
	t.Helper()
	in := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(in, stream, 0o600); err != nil {
		t.Fatal(err)
	}
	conf.Incoming = true
	p := &prover{Machine: NewRelay(conf, adopt.New())}
	t.Cleanup(func() { p.Close() })
	if err := p.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: new("file:" + in)}); err != nil {
		t.Fatal(err)
	}
	p.reach(t, completed)
	return p
}

func finished(t *testing.T, ctx context.Context, m *Machine) {
	t.Helper()
	if err := m.Migration().Wait(ctx); err != nil {
		t.Fatal(err)
	}
	info := m.Migration().Info()
	if *info.Status != qapi.MigrationStatusCompleted {
		t.Fatalf("%s", info.AppendJSON(nil))
	}
}

// devices is the stream from its first FULL section on.
func devices(s []byte) []byte {
	_, rest, _ := bytes.Cut(s, []byte("\x05timer"))
	return rest
}

// A relayed stream holds what came: the same configuration in front, the same
// description behind, and from then on nothing changes any more.
func TestRelayKeepsWhatCame(t *testing.T) {
	captures, err := testdata.Captures()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range captures {
		t.Run(c.Name, func(t *testing.T) {
			in := filepath.Join(t.TempDir(), "in")
			if err := os.WriteFile(in, c.Data, 0o600); err != nil {
				t.Fatal(err)
			}
			first := relay(t, in)
			head := bytes.Index(c.Data, []byte("\x03ram"))
			tail := bytes.Index(c.Data, []byte(`{"`))
			if !bytes.HasPrefix(first, c.Data[:head-5]) {
				t.Error("the configuration changed")
			}
			if !bytes.HasSuffix(first, c.Data[tail-6:]) {
				t.Error("the description changed")
			}
			again := filepath.Join(t.TempDir(), "again")
			if err := os.WriteFile(again, first, 0o600); err != nil {
				t.Fatal(err)
			}
			// How many PARTs carry the pages is a matter of time.
			if second := relay(t, again); !bytes.Equal(devices(first), devices(second)) {
				t.Errorf("the second relay sent other device sections than the first")
			}
		})
	}
}
