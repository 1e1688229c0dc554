package migration

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/yank"
	"qmpmigrate/qapi"
)

// traced is a host whose trace events are told.
type traced struct {
	still
	events *trace.Set
}

func (h *traced) Trace() *trace.Set { return h.events }

// From the moment on in which a source is told to be there, a yank cuts it off.
func TestYankAsTheSourceComes(t *testing.T) {
	h := &traced{}
	h.events = trace.NewSet(func(trace.Name, []trace.Field) {
		if err := h.yanks.Cut([]yank.Instance{{Kind: yank.Migration}}); err != nil {
			t.Error(err)
		}
	})
	if err := h.events.Switch(string(trace.MigrationSocketAccepted), true); err != nil {
		t.Fatal(err)
	}
	h.state, h.machine = qapi.RunStateInmigrate, guest.Native(&heap{}, savevm.Configuration{Machine: "heap-1.0"})
	m := New(h)
	defer m.Close()
	path := t.TempDir() + "/s"
	said(t, "listen", m.Listen(&qapi.MigrateIncomingArgs{URI: new("unix:" + path)}, links.Files{}), "")
	source, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	if err := source.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := source.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Fatalf("it goes on: %v", err)
	}
	if err := m.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := *m.Info().Status; s != qapi.MigrationStatusFailed {
		t.Errorf("it is %s", s)
	}
}
