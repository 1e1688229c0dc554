package core

import (
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"qmpmigrate/qapi"
)

// deaf is a destination that takes connections, and reads nothing of them.
func deaf(t *testing.T) (uri string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mig")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
		}
	})
	t.Cleanup(func() { l.Close(); accepting.Wait() })
	return "unix:" + path
}

// instances says what of a machine can be cut off.
func instances(t *testing.T, m *Machine) string {
	t.Helper()
	list, err := m.QueryYank(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, i := range list {
		text = append(text, string(i.Type))
	}
	return strings.Join(text, " ")
}

// A source that hangs anywhere before its VM is its destination's is freed by a
// yank, and the VM runs on; what can be cut off is known all the time.
func TestYankFreesASource(t *testing.T) {
	slow := func(t *testing.T, src *side) {
		src.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(100)), DowntimeLimit: new(uint64(1))})
	}
	lanes := func(t *testing.T, src *side) { src.enable(t, multifd) }
	exec := func(command string) func(*testing.T) string {
		return func(*testing.T) string { return "exec:" + command }
	}
	const broken, cut = "Unable to write to socket: Broken pipe", "the migration was cut off by the command yank"
	const broken1 = "Unable to write to command: Broken pipe"
	for _, c := range []struct {
		name    string
		to      func(t *testing.T) string
		prepare func(t *testing.T, src *side)
		until   string
		want    []string // any of them
	}{
		{"connecting", func(t *testing.T) string { return "tcp:" + silence(t) }, nil, "MIGRATION setup", []string{cut}},
		{"nobody reads", deaf, nil, "MIGRATION active", []string{broken}},
		{"bandwidth", deaf, slow, "MIGRATION active", []string{broken}},
		{"a command that does not read", exec("exec sleep 1000"), nil, "MIGRATION active", []string{broken1}},
		{"a command that does not end", exec("cat >/dev/null; exec sleep 1000"), nil, "MIGRATION device",
			[]string{cut, broken1, "error while saving state for instance 0x0 of device 'counter': " + broken1}},
		{"lanes", deaf, lanes, "MIGRATION active", []string{broken}},
		{"lanes that connect", deaf, lanes, "MIGRATION setup", []string{broken, cut}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			src := newSide(t, 3000, Config{})
			if c.prepare != nil {
				c.prepare(t, src)
			}
			uri := c.to(t)
			src.send(t, uri)
			src.events.await(t, c.until)
			if got := instances(t, src.Machine); got != "migration" {
				t.Errorf("while it hangs: %q", got)
			}
			yankMigration(t, src.Machine)
			ranOn(t, src, c.want...)
			if got := instances(t, src.Machine); got != "" {
				t.Errorf("afterwards: %q", got)
			}
		})
	}
}

// Once the VM is at its destination a yank only pauses, wherever the recovery is.
func TestYankPauses(t *testing.T) {
	src := newSide(t, 300, Config{})
	src.set(t, qapi.MigrateSetParameters{MaxPostcopyBandwidth: new(uint64(5000))})
	src.follow(t, follower(t, false, turnOf{atRun, nil}))
	src.reaches(t, postcopyActive)
	yank := func(wants ...string) {
		t.Helper()
		if got := instances(t, src.Machine); got != "migration" {
			t.Errorf("%q can be cut off", got)
		}
		yankMigration(t, src.Machine)
		if got := src.reaches(t, postcopyPaused); !slices.Contains(wants, got) {
			t.Errorf("paused because of %q", got)
		}
	}
	// Whoever notices first tells.
	const broken, deaf = "Unable to write to socket: Broken pipe", "Channel error: Input/output error"
	yank(broken, deaf)
	yank(broken, deaf) // there is nothing to cut
	src.again(t, "tcp:"+silence(t))
	src.reaches(t, qapi.MigrationStatusPostcopyRecoverSetup)
	yank("the migration was cut off by the command yank")
	src.again(t, follower(t, false))
	src.reaches(t, qapi.MigrationStatusPostcopyRecover)
	yank(broken, deaf)
}
