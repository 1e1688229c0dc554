package qapi

import (
	"context"
	"errors"
	"os"
	"testing"

	"qmpmigrate/qapi/qobject"
)

// noMisc fails every command in its own way.
type noMisc struct{}

var errPlain = errors.New("no such thing")

func (noMisc) QueryName(context.Context) (*NameInfo, error) {
	return nil, ClassErrorf(DeviceNotActive, "no name")
}
func (noMisc) QueryUUID(context.Context) (*UuidInfo, error) { return &UuidInfo{UUID: "u"}, nil }

// noFD is noMisc for the commands about descriptors.
type noFD struct{ FDCommands }

func (noFD) Getfd(_ context.Context, a *GetfdArgs) error { return Errorf("got %s", a.Fdname) }
func (noFD) Closefd(context.Context, *ClosefdArgs) error { return errPlain }

// fakeControl answers from its fields.
type fakeControl struct {
	enabled  []QMPCapability
	commands []CommandInfo
	quit     int
}

func (f *fakeControl) QMPCapabilities(_ context.Context, a *QMPCapabilitiesArgs) error {
	f.enabled = a.Enable
	return nil
}

func (f *fakeControl) QueryVersion(context.Context) (*VersionInfo, error) {
	return &VersionInfo{QEMU: VersionTriple{Major: 10}, Package: "p"}, nil
}
func (f *fakeControl) QueryCommands(context.Context) ([]CommandInfo, error) { return f.commands, nil }
func (f *fakeControl) Quit(context.Context) error                           { f.quit++; return nil }

func find(t *testing.T, table []Command, name string) Command {
	t.Helper()
	for _, c := range table {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no command %s", name)
	return Command{}
}

func call(t *testing.T, table []Command, name, args string) (string, error) {
	t.Helper()
	r, err := find(t, table, name).Call(context.Background(), parse(t, args))
	if r == nil {
		return "", err
	}
	return string(r.AppendJSON(nil)), err
}

func TestCalls(t *testing.T) {
	f := &fakeControl{commands: []CommandInfo{{"quit"}, {"stop"}}}
	control, misc := ControlCommandTable(f), MiscCommandTable(noMisc{})
	for _, test := range []struct {
		table            []Command
		name, args, want string
	}{
		{control, "qmp_capabilities", `{"enable": ["oob"]}`, ``},
		{control, "quit", `{}`, ``},
		{control, "query-commands", `{}`, `[{"name": "quit"}, {"name": "stop"}]`},
		{control, "query-version", `{}`, `{"qemu": {"micro": 0, "minor": 0, "major": 10}, "package": "p"}`},
		{control, "query-qmp-schema", `{}`, schemaText},
		{misc, "query-uuid", `{}`, `{"UUID": "u"}`},
	} {
		if got, err := call(t, test.table, test.name, test.args); got != test.want || err != nil {
			t.Errorf("%s: %s, %v", test.name, got, err)
		}
	}
	if len(f.enabled) != 1 || f.enabled[0] != QMPCapabilityOOB || f.quit != 1 {
		t.Errorf("the methods saw %+v", f)
	}
	if r, err := find(t, control, "quit").Call(context.Background(), nil); r != nil || err != nil || f.quit != 2 {
		t.Errorf("no arguments at all: %v, %v", r, err)
	}
}

// TestCallErrors: what a method fails with comes through as it is, and no result with it.
func TestCallErrors(t *testing.T) {
	table := append(MiscCommandTable(noMisc{}), FDCommandTable(noFD{})...)
	for _, test := range []struct {
		name, args string
		want       Error
	}{
		{"query-name", `{}`, Error{DeviceNotActive, "no name"}},
		{"getfd", `{"fdname": "f"}`, Error{GenericError, "got f"}},
		{"closefd", `{"fdname": "f"}`, Error{GenericError, "no such thing"}},
		{"query-uuid", `{"x": 1}`, Error{GenericError, "Parameter 'x' is unexpected"}},
	} {
		got, err := call(t, table, test.name, test.args)
		if got != "" || err == nil || *AsError(err) != test.want {
			t.Errorf("%s: %s, %v", test.name, got, err)
		}
	}
	_, err := call(t, ControlCommandTable(&fakeControl{}), "query-qmp-schema", `{"x": 1}`)
	if message(t, err) != "Parameter 'x' is unexpected" {
		t.Errorf("query-qmp-schema: %v", err)
	}
}

// TestTakingReturning: a command with both arguments and a result, of which the schema has none yet.
func TestTakingReturning(t *testing.T) {
	table := []Command{{Name: "greet", Call: takingReturning(func(_ context.Context, a *GetfdArgs) (string, error) {
		if a.Fdname == "" {
			return "lost", errPlain
		}
		return "hello " + a.Fdname, nil
	}, appendString)}}
	if got, err := call(t, table, "greet", `{"fdname": "you"}`); got != `"hello you"` || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := call(t, table, "greet", `{"fdname": ""}`); got != "" || !errors.Is(err, errPlain) {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := call(t, table, "greet", `{}`); message(t, err) != "Parameter 'fdname' is missing" {
		t.Errorf("no argument: %v", err)
	}
}

func TestPreconfig(t *testing.T) {
	for _, c := range ControlCommandTable(&fakeControl{}) {
		if !c.AllowPreconfig || c.AllowOOB {
			t.Errorf("%s: %+v", c.Name, c)
		}
	}
	for _, c := range MigrationCommandTable(silent{}) {
		oob := c.Name == "migrate-recover" || c.Name == "migrate-pause"
		if c.AllowPreconfig || c.AllowOOB != oob {
			t.Errorf("%s: %+v", c.Name, c)
		}
	}
}

func TestAsError(t *testing.T) {
	if AsError(nil) != nil {
		t.Error("nil is an error")
	}
	inner := ClassErrorf(KVMMissingCap, "no")
	if AsError(errors.Join(errPlain, inner)) != inner {
		t.Error("wrapped Error is not found")
	}
	if e := AsError(errPlain); e.Class != GenericError || e.Error() != "no such thing" {
		t.Errorf("plain error: %+v", e)
	}
}

type fakeMonitor struct{}

func (fakeMonitor) TakeFD(string) (*os.File, error) { return nil, errPlain }

func TestMonitor(t *testing.T) {
	ctx := context.Background()
	if MonitorFrom(ctx) != nil {
		t.Error("a monitor out of nothing")
	}
	if MonitorFrom(WithMonitor(ctx, fakeMonitor{})) != (fakeMonitor{}) {
		t.Error("the monitor is lost")
	}
}

var _ Result = (*qobject.Dict)(nil) // values of no fixed type can be results, too
