package migration

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"qmpmigrate/channels/tls"
	"qmpmigrate/core/announce"
	"qmpmigrate/core/block"
	"qmpmigrate/core/dirtyring"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/yank"
	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// still is a host that never migrates: what the commands check is checked before.
type still struct {
	state   qapi.RunState
	uuid    *uuid.UUID
	yanks   yank.Register
	reports []string
	machine guest.Machine
}

func (h *still) Emit(qapi.Event)                          {}
func (h *still) Guest() guest.Machine                     { return h.machine }
func (h *still) RunState() qapi.RunState                  { return h.state }
func (h *still) Disks() *block.Graph                      { return nil }
func (h *still) ReleaseDisks() error                      { return nil }
func (h *still) DirtyRings() *dirtyring.Rings             { return nil }
func (h *still) VCPUs() int                               { return 1 }
func (h *still) UUID() *uuid.UUID                         { return h.uuid }
func (h *still) YankRegister() *yank.Register             { return &h.yanks }
func (h *still) Report(text string)                       { h.reports = append(h.reports, text) }
func (h *still) Authorize(string, string) error           { return nil }
func (h *still) Trace() *trace.Set                        { return nil }
func (h *still) Moment(do func() error) error             { return do() }
func (h *still) StopForSwitchover()                       {}
func (h *still) SwitchoverDone(commit func() bool) bool   { return commit() }
func (h *still) SwitchoverUndone(tell func())             { tell() }
func (h *still) IncomingLoaded(announce.Params) error     { return nil }
func (h *still) IncomingKept() error                      { return nil }
func (h *still) IncomingFailed(error, bool)               {}
func (h *still) SecondaryBegins() error                   { return nil }
func (h *still) StopForCheckpoint()                       {}
func (h *still) CheckpointDone() error                    { return nil }
func (h *still) CheckpointLoaded(load func() error) error { return load() }
func (h *still) LockstepOver(tell func()) error           { tell(); return nil }
func (h *still) Announce(announce.Params)                 {}

func (h *still) TLSCredentials(string, qapi.QCryptoTLSCredsEndpoint) (tls.Credentials, error) {
	return nil, qapi.Errorf("no credentials")
}

func (h *still) said() string {
	s := strings.Join(h.reports, "; ")
	h.reports = nil
	return s
}

func newStill() (*Migration, *still) {
	h := &still{state: qapi.RunStateRunning}
	return New(h), h
}

// decode reads JSON arguments as a client sends them.
func decode[T any](t *testing.T, text string, with func(*qobject.Dict) (T, error)) T {
	t.Helper()
	value, err := qobject.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	args, err := with(value.(*qobject.Dict))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return args
}

// said compares an error with its text, "" being none.
func said(t *testing.T, what string, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// enable switches capabilities on, or off those whose names begin with a minus.
func enable(t *testing.T, m *Migration, names string) {
	t.Helper()
	var list []qapi.MigrationCapabilityStatus
	for name := range strings.FieldsSeq(names) {
		name, off := strings.CutPrefix(name, "-")
		list = append(list, qapi.MigrationCapabilityStatus{Capability: qapi.MigrationCapability(name), State: !off})
	}
	said(t, names, m.SetCapabilities(list), "")
}
