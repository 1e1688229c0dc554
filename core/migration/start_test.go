package migration

import (
	"errors"
	"os"
	"testing"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/qapi"
)

// empty is a machine that has nothing to send.
type empty struct{ guest.Machine }

func (empty) Loaded() error { return errors.New("No machine has been adopted yet") }

// bare are the files of a monitor that has none.
type bare struct{}

func (bare) TakeFD(name string) (*os.File, error) {
	return nil, qapi.Errorf("File descriptor named '%s' has not been found", name)
}

func TestMigrateArguments(t *testing.T) {
	const (
		main = `{"channel-type": "main", "addr": {"transport": "file", "filename": "f", "offset": 0}}`
		cpr  = `{"channel-type": "cpr", "addr": {"transport": "file", "filename": "f", "offset": 0}}`
		fine = "No machine has been adopted yet" // the last thing that is checked
	)
	for args, want := range map[string]string{
		`{}`: "need either 'uri' or 'channels' argument",
		`{"uri": "unix:/x", "channels": [` + main + `]}`: "need either 'uri' or 'channels' argument",
		`{"channels": []}`:                           "need either 'uri' or 'channels' argument",
		`{"channels": [` + cpr + `]}`:                "Channel list has no main entry",
		`{"channels": [` + cpr + `, ` + cpr + `]}`:   "Channel list has more than one cpr entry",
		`{"channels": [` + main + `, ` + main + `]}`: "Channel list has more than one main entry",
		`{"channels": [` + main + `, ` + cpr + `]}`:  fine,
		`{"channels": [{"channel-type": "main", "addr": {"transport": "exec", "args": []}}]}`:               "Parameter 'args' expects a command",
		`{"channels": [{"channel-type": "main", "addr": {"transport": "rdma", "host": "h", "port": "1"}}]}`: fine,
		`{"uri": "bogus:1"}`:                      "unknown migration protocol: bogus:1",
		`{"uri": ""}`:                             "unknown migration protocol: ",
		`{"uri": "rdma:x"}`:                       "error parsing address 'x'",
		`{"uri": "rdma:1.2.3.4:1"}`:               fine,
		`{"uri": "bogus:1", "resume": true}`:      "unknown migration protocol: bogus:1",
		`{"uri": "unix:/run/x", "resume": true}`:  "Cannot resume if there is no paused migration",
		`{"uri": "unix:/run/x", "resume": false}`: fine,
		`{"channels": [{"channel-type": "main", "addr": {"transport": "socket", "type": "inet", "host": "h", "port": "1"}}]}`: fine,
	} {
		m, h := newStill()
		h.machine = empty{}
		err := m.Start(decode(t, args, qapi.DecodeMigrateArgs), links.Files{})
		said(t, args, err, want)
		if m.status() != qapi.MigrationStatusNone || len(h.yanks.List()) > 0 {
			t.Errorf("%s: status %s, instances %v", args, m.status(), h.yanks.List())
		}
	}
}

// The order of what keeps a source from beginning.
func TestMigrateConditions(t *testing.T) {
	m, h := newStill()
	h.machine = empty{}
	start := func() error { return m.Start(&qapi.MigrateArgs{URI: new("unix:/x")}, links.Files{}) }
	if err := m.BlockDevice("0000:00:02.0/nvme", "nvme"); err != nil {
		t.Fatal(err)
	}
	h.state = qapi.RunStateInmigrate
	said(t, "incoming", start(), "Guest is waiting for an incoming migration")
	h.state = qapi.RunStatePostmigrate
	said(t, "migrated", start(), "Can't migrate the vm that was paused due to previous migration")
	h.state = qapi.RunStatePaused
	said(t, "blocked", start(), "State blocked by non-migratable device '0000:00:02.0/nvme'")
}

// What cannot be opened leaves a failed migration, and the next one can begin.
func TestMigrateThatCannotOpen(t *testing.T) {
	m, h := newStill()
	h.machine = whole{}
	for uri, want := range map[string]string{
		"fd:nope":               "File descriptor named 'nope' has not been found",
		"fd:12":                 "File descriptor named '12' has not been found",
		"file:/nonexistent/a/b": "Could not create '/nonexistent/a/b': No such file or directory",
		"file:/dev/fdset/3":     "Failed to find fdset /dev/fdset/3",
	} {
		said(t, uri, m.Start(&qapi.MigrateArgs{URI: &uri}, links.Files{Named: bare{}}), want)
		info := m.Info()
		if *info.Status != qapi.MigrationStatusFailed || *info.ErrorDesc != want || info.TotalTime != nil {
			t.Errorf("%s: %s", uri, info.AppendJSON(nil))
		}
		if len(h.yanks.List()) > 0 {
			t.Errorf("%s: an instance is left", uri)
		}
	}
	said(t, "bad", m.Start(&qapi.MigrateArgs{URI: new("bogus")}, links.Files{}), "unknown migration protocol: bogus")
	if m.Info().ErrorDesc == nil {
		t.Error("an argument that is wrong wiped the last error")
	}
	m.Close()
}

type whole struct{ guest.Machine }

func (whole) Loaded() error { return nil }

func TestIncomingArguments(t *testing.T) {
	const main = `{"channel-type": "main", "addr": {"transport": "file", "filename": "/nonexistent/f", "offset": 0}}`
	m, h := newStill()
	listen := func(args string) error {
		return m.Listen(decode(t, args, qapi.DecodeMigrateIncomingArgs), links.Files{Named: bare{}})
	}
	said(t, "not waiting", listen(`{}`), "'-incoming' was not specified on the command line")
	h.state = qapi.RunStateInmigrate
	for args, want := range map[string]string{
		`{}`: "need either 'uri' or 'channels' argument",
		`{"uri": "tcp::0", "channels": [` + main + `]}`: "need either 'uri' or 'channels' argument",
		`{"channels": [` + main + `, ` + main + `]}`:    "Channel list must have only one entry, for type 'main'",
		`{"channels": [` + main + `]}`:                  "Could not open '/nonexistent/f': No such file or directory",
		`{"uri": "bogus:xx"}`:                           "unknown migration protocol: bogus:xx",
		`{"uri": "unix:/nonexistent/x"}`:                "Failed to bind socket to /nonexistent/x: No such file or directory",
		`{"uri": "fd:nope"}`:                            "File descriptor named 'nope' has not been found",
		`{"uri": "fd:7z"}`:                              "Invalid file descriptor number '7z'",
	} {
		said(t, args, listen(args), want)
		if info := m.Info(); info.Status != nil || len(h.yanks.List()) > 0 {
			t.Errorf("%s: left %s, %v", args, info.AppendJSON(nil), h.yanks.List())
		}
	}
	// After all of these failures it still can listen, but only once.
	said(t, "good", listen(`{"uri": "tcp:127.0.0.1:0"}`), "")
	said(t, "again", listen(`{}`), "The incoming migration has already been started")
	info := m.Info()
	if *info.Status != qapi.MigrationStatusSetup || len(info.SocketAddress) != 1 || info.SocketAddress[0].Inet.Port == "0" ||
		len(h.yanks.List()) != 1 {
		t.Errorf("listening: %s", info.AppendJSON(nil))
	}
	said(t, "preempt", m.SetCapabilities([]qapi.MigrationCapabilityStatus{{Capability: qapi.MigrationCapabilityMultifd, State: true}}), "Multifd must be set before incoming starts")
	m.Close()
	if len(h.yanks.List()) > 0 {
		t.Error("an instance is left")
	}
}

func TestCommandsWithoutAMigration(t *testing.T) {
	m, _ := newStill()
	said(t, "cancel", m.Cancel(), "")
	said(t, "continue", m.Continue(qapi.MigrationStatusActive), "Migration not in expected state: none")
	said(t, "continue none", m.Continue(qapi.MigrationStatusNone), "")
	said(t, "postcopy", m.StartPostcopy(), "Enable postcopy with migrate_set_capability before the start of migration")
	said(t, "pause", m.Pause(),
		"migrate-pause is currently only supported during postcopy-active or postcopy-recover state")
	said(t, "recover", m.Recover("unix:/x", links.Files{}), "Migrate recover can only be run when postcopy is paused.")
	if text := m.Info().AppendJSON(nil); string(text) != "{}" || len(m.Threads()) != 0 {
		t.Errorf("info %s, threads %v", text, m.Threads())
	}
}
