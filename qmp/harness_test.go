package qmp

import (
	"context"
	"errors"
	"testing"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// testEvent is an event with ready-made data; "" is none.
type testEvent struct{ name, data string }

func (e testEvent) EventName() string          { return e.name }
func (e testEvent) AppendData(b []byte) []byte { return append(b, e.data...) }

// text is a result with ready-made JSON.
type text string

func (r text) AppendJSON(b []byte) []byte { return append(b, r...) }

// machine stands for the core: commands that touch everything the protocol can do.
type machine struct {
	server *Server
	hold   chan struct{} // each value lets one x-hold end
}

type identity struct{}

func (identity) QueryName(context.Context) (*qapi.NameInfo, error) { return &qapi.NameInfo{}, nil }
func (identity) QueryUUID(context.Context) (*qapi.UuidInfo, error) { return &qapi.UuidInfo{}, nil }

// newTestServer is ended by the test's cleanup, unless the test does so.
func newTestServer(t testing.TB) *machine {
	m := &machine{hold: make(chan struct{})}
	m.server = NewServer(Config{
		Version: qapi.VersionInfo{QEMU: qapi.VersionTriple{Major: 10, Minor: 0, Micro: 2}, Package: "test"},
		Quit: func(context.Context) error {
			m.server.Emit(testEvent{"SHUTDOWN", `{"guest": false, "reason": "host-qmp-quit"}`})
			return nil
		},
	})
	m.server.Register(qapi.MiscCommandTable(identity{})...)
	m.server.Register(m.commands()...)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := m.server.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return m
}

func (m *machine) commands() []qapi.Command {
	none := func(f func()) qapi.CallFunc {
		return func(context.Context, *qobject.Dict) (qapi.Result, error) {
			f()
			return nil, nil
		}
	}
	failing := func(err error) qapi.CallFunc {
		return func(context.Context, *qobject.Dict) (qapi.Result, error) { return nil, err }
	}
	return []qapi.Command{
		{Name: "query-status", AllowPreconfig: true, Call: func(context.Context, *qobject.Dict) (qapi.Result, error) {
			return text(`{"status": "running", "running": true}`), nil
		}},
		{Name: "stop", Call: none(func() { m.server.Emit(testEvent{"STOP", ""}) })},
		{Name: "cont", Call: none(func() { m.server.Emit(testEvent{"RESUME", ""}) })},
		{Name: "migrate-recover", AllowOOB: true, Call: none(func() {})},
		{Name: "x-echo", Call: func(_ context.Context, args *qobject.Dict) (qapi.Result, error) { return args, nil }},
		{Name: "x-fail", Call: failing(errors.New("it \"failed\""))},
		{Name: "x-inactive", Call: failing(qapi.ClassErrorf(qapi.DeviceNotActive, "SPICE is not in use"))},
		{Name: "x-hold", Call: func(ctx context.Context, _ *qobject.Dict) (qapi.Result, error) {
			select {
			case <-m.hold:
				return nil, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}},
	}
}
