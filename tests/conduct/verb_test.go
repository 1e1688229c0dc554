package conduct

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
)

// party is an emulator with a second QMP server, which the verb may have.
type party struct {
	*emulator.Emulator
	socket string
}

func invite(t *testing.T, p emulator.Program, name string, args ...string) party {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "qmp")
	return party{emulator.Launch(t, p, name, append(args, "-qmp", "unix:"+socket+",server=on,wait=off")...), socket}
}

// inviteQEMU starts the test guest, which never stops writing.
func inviteQEMU(t *testing.T, version, name string, extra ...string) party {
	t.Helper()
	args, err := emulator.GuestArgs(t.TempDir(), "pc-i440fx-7.2")
	emulator.Must(t, err)
	return invite(t, emulator.NeedQEMU(t, version), name, append(args, extra...)...)
}

// verb is the program while it conducts.
type verb struct {
	cmd       *exec.Cmd
	out, errs bytes.Buffer
}

func startVerb(t *testing.T, server emulator.Program, args ...string) *verb {
	t.Helper()
	v := &verb{cmd: exec.Command(server.Path, args...)}
	v.cmd.Stdout, v.cmd.Stderr = &v.out, &v.errs
	v.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	emulator.Must(t, v.cmd.Start())
	return v
}

// end waits for the exit status.
func (v *verb) end(t *testing.T) int {
	t.Helper()
	killer := time.AfterFunc(2*time.Minute, func() { _ = v.cmd.Process.Kill() })
	defer killer.Stop()
	_ = v.cmd.Wait() // the status tells
	return v.cmd.ProcessState.ExitCode()
}

func migrateVerb(t *testing.T, server emulator.Program, from, to party, args ...string) *verb {
	t.Helper()
	return startVerb(t, server, append([]string{"migrate", "--from", from.socket, "--to", "unix:" + to.socket}, args...)...)
}

// quick lets a guest that never stops writing arrive.
var quick = []string{"--bandwidth", "8G", "--downtime", "5s"}

var summary = regexp.MustCompile(`^   source       /\S+, version \d+\.\d+\.\d+
   destination  unix:/\S+, version \d+\.\d+\.\d+, at tcp:127\.0\.0\.1:\d+
(   (pass \d+|postcopy) .*there.*left  guest writes .* downtime .*
)*   completed    in .* of set-up\); the guest stood still for .*
   sent         \d+ MiB in \d+ passes, at \d+ MiB/s
   destination  (running|paused)
$`)

func completes(t *testing.T, v *verb) {
	t.Helper()
	if status := v.end(t); status != 0 || v.errs.Len() != 0 || !summary.Match(v.out.Bytes()) {
		t.Fatalf("status %d\n%s%s", status, v.out.String(), v.errs.String())
	}
}

// The verb between every pair of real QEMUs that can follow each other.
func TestVerbQEMUToQEMU(t *testing.T) {
	server := emulator.NeedServer(t)
	for _, way := range [][2]string{{"7.2", "7.2"}, {"7.2", "10.0"}, {"10.0", "10.0"}} {
		t.Run(way[0]+" to "+way[1], func(t *testing.T) {
			from := inviteQEMU(t, way[0], "source")
			to := inviteQEMU(t, way[1], "destination", "-S", "-incoming", "defer")
			emulator.Must(t, from.WaitBooted(t.Context()))
			completes(t, migrateVerb(t, server, from, to, quick...))
			arrived(t, side{Emulator: from.Emulator}, side{Emulator: to.Emulator})
		})
	}
}

// Capabilities, as they are switched on from the command line.
func TestVerbWays(t *testing.T) {
	server := emulator.NeedServer(t)
	for name, args := range map[string][]string{
		"multifd":                 {"--bandwidth", "8G", "--downtime", "60s", "--multifd", "2"},
		"pause-before-switchover": append(quick, "--set", "pause-before-switchover"),
		"postcopy at a pass":      {"--bandwidth", "64M", "--downtime", "1ms", "--postcopy-after", "pass:2", "--set", "max-postcopy-bandwidth=1G"},
		"postcopy after a time":   {"--bandwidth", "64M", "--downtime", "1ms", "--postcopy-after", "500ms"},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.HasPrefix(name, "postcopy") {
				emulator.NeedUserfaultfd(t)
			}
			from := inviteQEMU(t, "10.0", "source")
			to := inviteQEMU(t, "10.0", "destination", "-incoming", "defer")
			emulator.Must(t, from.WaitBooted(t.Context()))
			v := migrateVerb(t, server, from, to, args...)
			completes(t, v)
			emulator.Must(t, to.WaitSerial(t.Context(), "B", 2))
			var info struct {
				RAM struct {
					Multifd  int64 `json:"multifd-bytes"`
					Postcopy int64 `json:"postcopy-bytes"`
				} `json:"ram"`
			}
			emulator.Must(t, from.Execute(t.Context(), "query-migrate", nil, &info))
			if (info.RAM.Multifd > 0) != (name == "multifd") || (info.RAM.Postcopy > 0) != strings.HasPrefix(name, "postcopy") {
				t.Errorf("sent was %+v", info.RAM)
			}
		})
	}
}

// Into an adopting server and out of it, and between our own guests.
func TestVerbWithOwn(t *testing.T) {
	server := emulator.NeedServer(t)
	from := inviteQEMU(t, "10.0", "source")
	park := invite(t, server, "park", "-machine", "adopt", "-nodefaults", "-incoming", "defer")
	to := inviteQEMU(t, "10.0", "destination", "-S", "-incoming", "defer")
	emulator.Must(t, from.WaitBooted(t.Context()))
	completes(t, migrateVerb(t, server, from, park, quick...))
	completes(t, migrateVerb(t, server, park, to, quick...))
	arrived(t, side{Emulator: from.Emulator}, side{Emulator: to.Emulator})

	ownPair(t, server, quick...)
}

// Lanes, into an adopting server and out of it, and between our own guests, compressed there.
func TestVerbLanesWithOwn(t *testing.T) {
	server := emulator.NeedServer(t)
	lanes := append([]string{"--multifd", "2"}, quick...)
	from := inviteQEMU(t, "10.0", "source")
	park := invite(t, server, "park", "-machine", "adopt", "-nodefaults", "-incoming", "defer")
	to := inviteQEMU(t, "10.0", "destination", "-S", "-incoming", "defer")
	emulator.Must(t, from.WaitBooted(t.Context()))
	completes(t, migrateVerb(t, server, from, park, lanes...))
	completes(t, migrateVerb(t, server, park, to, lanes...))
	onLanes(t, park)
	arrived(t, side{Emulator: from.Emulator}, side{Emulator: to.Emulator})
	onLanes(t, ownPair(t, server, append(lanes, "--set", "multifd-compression=zstd")...))
}

// onLanes checks that what went out did so on lanes.
func onLanes(t *testing.T, from party) {
	t.Helper()
	var info struct {
		RAM struct {
			Multifd     int64 `json:"multifd-bytes"`
			Transferred int64 `json:"transferred"`
		} `json:"ram"`
	}
	emulator.Must(t, from.Execute(t.Context(), "query-migrate", nil, &info))
	if info.RAM.Multifd < info.RAM.Transferred/2 || info.RAM.Multifd == 0 {
		t.Errorf("sent was %+v", info.RAM)
	}
}

// ownPair moves a guest of ours, and gives who had it.
func ownPair(t *testing.T, server emulator.Program, args ...string) party {
	t.Helper()
	guest := []string{"-machine", "memtest,workload=stress,rate=16M", "-m", "64", "-nodefaults"}
	one, two := invite(t, server, "one", guest...), invite(t, server, "two", append(guest, "-incoming", "defer")...)
	completes(t, migrateVerb(t, server, one, two, args...))
	var memory struct {
		Faulty int64 `json:"faulty-pages"`
	}
	emulator.Must(t, two.Execute(t.Context(), "x-verify-memory", nil, &memory))
	if memory.Faulty != 0 {
		t.Errorf("%d pages are wrong", memory.Faulty)
	}
	return one
}

// What our own servers do not know yet they say themselves.
func TestVerbIsRefused(t *testing.T) {
	server := emulator.NeedServer(t)
	from := inviteQEMU(t, "10.0", "source")
	to := invite(t, server, "destination", "-machine", "adopt", "-nodefaults", "-incoming", "defer")
	for _, tc := range []struct{ args, want string }{
		{"--set mode=cpr-reboot", "the migration was not started: destination: migrate-set-parameters: parameter 'mode' is not supported yet by this build"},
		{"--set max-bandwidt=1", "'max-bandwidt' is neither a capability nor a parameter of source or destination; did you mean max-bandwidth?"},
		{"--downtime 5000s", "the migration was not started: destination: migrate-set-parameters: "},
	} {
		v := migrateVerb(t, server, from, to, strings.Fields(tc.args)...)
		if status := v.end(t); status != 1 || v.out.Len() != 0 || !strings.HasPrefix(v.errs.String(), "qmpmigrate migrate: "+tc.want) {
			t.Errorf("%s: status %d\n%s%s", tc.args, status, v.out.String(), v.errs.String())
		}
	}
	completes(t, migrateVerb(t, server, from, to, quick...))
}

// A destination that is made differently: the words of both, and what differs.
func TestVerbDestinationRefuses(t *testing.T) {
	server := emulator.NeedServer(t)
	image := t.TempDir()
	machine := func(name string) []string {
		args, err := emulator.GuestArgs(image, name)
		emulator.Must(t, err)
		return append(args, "-incoming", "defer")
	}
	for _, version := range []string{"7.2", "10.0"} {
		for name, tc := range map[string]struct{ args, differ []string }{
			"machine": {machine("pc-i440fx-7.1"), []string{"machine: pc-i440fx-7.2 on the source, pc-i440fx-7.1 on the destination"}},
			"memory":  {append(machine("pc-i440fx-7.2"), "-m", "200"), []string{"memory: 150 MiB on the source, 200 MiB on the destination"}},
		} {
			t.Run(version+" "+name, func(t *testing.T) {
				from := inviteQEMU(t, "10.0", "source")
				to := invite(t, emulator.NeedQEMU(t, version), "destination", tc.args...)
				emulator.Must(t, from.WaitBooted(t.Context()))
				v := migrateVerb(t, server, from, to, "--bandwidth", "16M", "--downtime", "1ms")
				words := `load of migration failed: Invalid argument; it was told to quit, for it cannot take another guest`
				if version == "7.2" { // it is gone with its reason
					words = `the QMP connection has ended; its process has probably ended`
				}
				want := regexp.MustCompile(`^qmpmigrate migrate: the migration failed
   source       \S.*; the guest runs on there
   destination  ` + regexp.QuoteMeta(words) + `
   they differ  ` + regexp.QuoteMeta(tc.differ[0]) + "\n$")
				if status := v.end(t); status != 1 || !want.Match(v.errs.Bytes()) {
					t.Errorf("status %d\n%s%s", status, v.out.String(), v.errs.String())
				}
				runsOn(t, side{Emulator: from.Emulator})
			})
		}
	}
}

// Ctrl-C: the guest stays where it is, and can go elsewhere afterwards.
func TestVerbInterrupted(t *testing.T) {
	server := emulator.NeedServer(t)
	from := inviteQEMU(t, "10.0", "source")
	to := inviteQEMU(t, "10.0", "destination", "-incoming", "defer")
	emulator.Must(t, from.WaitBooted(t.Context()))
	v := migrateVerb(t, server, from, to, "--bandwidth", "16M", "--downtime", "1ms")
	waitActive(t, from)
	emulator.Must(t, v.cmd.Process.Signal(syscall.SIGINT))
	const want = "qmpmigrate migrate: the migration was cancelled: interrupted\n" +
		"   source       the guest runs on there\n" +
		"   destination  load of migration failed: "
	if status := v.end(t); status != 130 || !strings.HasPrefix(v.errs.String(), want) ||
		!strings.Contains(v.errs.String(), "; it was told to quit") || !strings.Contains(v.out.String(), "\nCancelling (Ctrl-C again") {
		t.Errorf("status %d\n%s%s", status, v.out.String(), v.errs.String())
	}
	runsOn(t, side{Emulator: from.Emulator})
	exit, err := to.Wait(t.Context())
	if err != nil || exit.Status != 0 {
		t.Errorf("destination: %+v, %v", exit, err)
	}
	next := inviteQEMU(t, "10.0", "next", "-S", "-incoming", "defer")
	completes(t, migrateVerb(t, server, from, next, quick...))
	arrived(t, side{Emulator: from.Emulator}, side{Emulator: next.Emulator})
}

// Told to programs: a migration that is ended from outside, and one that completes.
func TestVerbEvents(t *testing.T) {
	server := emulator.NeedServer(t)
	from := inviteQEMU(t, "10.0", "source")
	first := inviteQEMU(t, "10.0", "first", "-incoming", "defer")
	emulator.Must(t, from.WaitBooted(t.Context()))
	v := migrateVerb(t, server, from, first, "--bandwidth", "16M", "--downtime", "1ms", "--json")
	waitActive(t, from)
	emulator.Must(t, v.cmd.Process.Signal(syscall.SIGTERM))
	if status := v.end(t); status != 143 || v.errs.Len() != 0 {
		t.Errorf("status %d\n%s%s", status, v.out.String(), v.errs.String())
	}
	end := told(t, v, "start source:setup source:active source:cancelling source:cancelled end:cancelled")
	if end.Error != "the migration was cancelled: terminated" || end.ExitStatus != 143 ||
		end.Source.RunState != "running" || !end.Destination.Dismissed {
		t.Errorf("end is %+v", end)
	}
	second := inviteQEMU(t, "10.0", "second", "-incoming", "defer")
	v = migrateVerb(t, server, from, second, append(quick, "--json", "--quiet")...)
	if status := v.end(t); status != 0 || v.errs.Len() != 0 {
		t.Errorf("status %d\n%s%s", status, v.out.String(), v.errs.String())
	}
	end = told(t, v, "start source:setup source:active source:device source:completed end:completed")
	if end.Destination.RunState != "running" || end.TotalTime == 0 || end.Transferred == 0 || end.Passes < 2 || end.Rate == 0 {
		t.Errorf("end is %+v", end)
	}
}

// waitActive waits until memory moves.
func waitActive(t *testing.T, from party) {
	t.Helper()
	_, err := from.Monitor.WaitEvent(t.Context(), 0, "MIGRATION", func(e emulator.Event) bool {
		return strings.Contains(string(e.Data), `"active"`)
	})
	emulator.Must(t, err)
}

type endEvent struct {
	Error      string
	ExitStatus int `json:"exit-status"`
	Source     struct {
		Status   string
		RunState string `json:"run-state"`
	}
	Destination struct {
		RunState  string `json:"run-state"`
		Dismissed bool
	}
	TotalTime                 int64 `json:"total-time-ms"`
	Transferred, Passes, Rate int64
}

// told checks the order of what the source's side of v's events tells.
func told(t *testing.T, v *verb, want string) (end endEvent) {
	t.Helper()
	var words []string
	for line := range bytes.Lines(v.out.Bytes()) {
		var e struct {
			Event, Side, Status, Result string
			Time                        time.Time
		}
		if err := json.Unmarshal(line, &e); err != nil || e.Time.IsZero() {
			t.Fatalf("%s: %v", line, err)
		}
		switch word := e.Event; {
		case e.Event == "status" && e.Side == "source":
			words = append(words, "source:"+e.Status)
		case e.Event == "status":
		case e.Event == "end":
			words = append(words, "end:"+e.Result)
			emulator.Must(t, json.Unmarshal(line, &end))
		case word != "progress": // there may be any number of those
			words = append(words, word)
		}
	}
	if got := strings.Join(words, " "); got != want {
		t.Errorf("told was %s\nnot %s\n%s", got, want, v.out.String())
	}
	return end
}
