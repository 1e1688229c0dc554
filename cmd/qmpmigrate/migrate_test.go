package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"qmpmigrate/cmd/qmpmigrate/conduct"
)

func TestParseMigrate(t *testing.T) {
	o, err := parseMigrate(strings.Fields("--from a --to tcp:h:1 --uri tcp:h:0 --source-uri tcp:x:1 --bandwidth 1G --downtime 300ms " +
		"--multifd 4 --set xbzrle=off --postcopy-after pass:3 --timeout 2m --json --quiet --keep-destination"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "{a tcp:h:1 tcp:h:0 tcp:x:1 [max-bandwidth=1073741824 downtime-limit=300 multifd multifd-channels=4 xbzrle=off postcopy-ram] 0 120000000000 true true true false}"
	if pass := o.postcopy.Pass; pass != 3 {
		t.Errorf("pass is %d", pass)
	}
	o.postcopy = nil
	if got := strings.Replace(fmt.Sprint(*o), "<nil>", "0", 1); got != want {
		t.Errorf("options are %s", got)
	}
	if o, err = parseMigrate(strings.Fields("--from a --to b --postcopy-after 1.5s")); err != nil || o.postcopy.After != 1500*time.Millisecond {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestMigrateUsage(t *testing.T) {
	for args, want := range map[string]string{
		"":                                "--from is missing",
		"--from a":                        "--to is missing",
		"--from a --to a":                 "--from and --to are the same",
		"--from a --to b c":               "unexpected argument c",
		"--fast":                          "flag provided but not defined: -fast",
		"--bandwidth much":                `invalid value "much" for flag -bandwidth: 'much' is not a whole number or a size`,
		"--bandwidth -1":                  "out of range",
		"--downtime 5":                    "a time as 300ms",
		"--downtime 1us":                  "whole milliseconds",
		"--downtime -1s":                  "a time as 300ms",
		"--multifd 0":                     "a number of connections",
		"--postcopy-after pass:0":         "pass:N with N from 1",
		"--postcopy-after soon":           "a time as 300ms",
		"--timeout 0s":                    "more than 0",
		"--set =on":                       "NAME or NAME=VALUE",
		"--from a --to b --json=whatever": "invalid boolean value",
	} {
		var out, errs bytes.Buffer
		if status := migrateMain(strings.Fields(args), &out, &errs); status != 2 || out.Len() != 0 || !strings.Contains(errs.String(), want) {
			t.Errorf("%s: status %d: %s", args, status, errs.String())
		}
	}
	var out bytes.Buffer
	if status := migrateMain([]string{"-h"}, &out, &out); status != 0 || out.String() != migrateUsage {
		t.Errorf("status %d: %s", status, out.String())
	}
	for line := range strings.Lines(migrateUsage) {
		if len(line) > 90 {
			t.Errorf("too long: %s", line)
		}
	}
}

// couple starts two of our servers that a guest can move between.
func couple(t *testing.T, destination ...string) (from, to *actor) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	s, err := newStage(testServer(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.clear() })
	guest := []string{"-m", "32", "-machine", "memtest,workload=stress,rate=16M"}
	if from, err = s.start("source", s.self, guest...); err != nil {
		t.Fatal(err)
	}
	if to, err = s.start("destination", s.self, append(append(guest, "-incoming", "defer"), destination...)...); err != nil {
		t.Fatal(err)
	}
	if err := meet(t.Context(), from, to); err != nil {
		t.Fatal(err)
	}
	from.Close() // the verb shall have them
	to.Close()
	return from, to
}

func migrateOwn(from, to *actor, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = migrateMain(append([]string{"--from", from.socket, "--to", to.socket}, args...), &out, &errs)
	return status, out.String(), errs.String()
}

func TestMigrateVerb(t *testing.T) {
	from, to := couple(t)
	status, stdout, stderr := migrateOwn(from, to, "--bandwidth", "1G", "--downtime", "1s")
	shape := regexp.MustCompile(`^   source       \S+, version 10\.\d+\.\d+
   destination  \S+, version 10\.\d+\.\d+, at tcp:127\.0\.0\.1:\d+
(   pass .*
)*   completed    in .* \(.* of set-up\); the guest stood still for .*
   sent         \d+ MiB in \d+ passes, at \d+ MiB/s
   destination  running
$`)
	if status != 0 || stderr != "" || !shape.MatchString(stdout) {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	// It is not there any more.
	status, stdout, stderr = migrateOwn(from, to, "--quiet")
	if status != 1 || stdout != "" || !strings.HasPrefix(stderr, "qmpmigrate migrate: the migration was not started: destination: ") {
		t.Errorf("again: status %d\n%s%s", status, stdout, stderr)
	}
}

func TestMigrateVerbTimesOut(t *testing.T) {
	from, to := couple(t)
	status, stdout, stderr := migrateOwn(from, to, "--bandwidth", "1M", "--downtime", "1ms", "--timeout", "4s", "--quiet")
	const want = "qmpmigrate migrate: the migration was cancelled: it took more than 4s\n   source       the guest runs on there\n   destination  load of migration failed: "
	if status != 124 || stdout != "" || !strings.HasPrefix(stderr, want) {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

func TestMigrateVerbFails(t *testing.T) {
	from, to := couple(t, "-m", "16")
	status, stdout, stderr := migrateOwn(from, to, "--bandwidth", "8M", "--downtime", "1ms", "--json")
	if status != 1 || stderr != "" {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	var end struct {
		Event, Result, Error string
		Differences          []string
		Source, Destination  struct {
			Status, Error string
			RunState      string `json:"run-state"`
		}
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil || end.Event != "end" || end.Result != "failed" ||
		end.Source.RunState != "running" || end.Source.Error == "" || end.Destination.Status != "failed" ||
		!strings.HasPrefix(end.Destination.Error, "load of migration failed") {
		t.Errorf("%v\n%s", err, stdout)
	}
	to.socket = "/no/such/file"
	status, stdout, stderr = migrateOwn(from, to, "--json")
	if status != 1 || stderr != "" || !strings.Contains(stdout, `"result":"not-started","exit-status":1,"error":"destination: dial unix`) {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

// The first signal cancels, the second one does not wait.
func TestInterrupts(t *testing.T) {
	i := newInterrupts(t.Context())
	defer i.stop()
	for _, wait := range []<-chan struct{}{i.ctx.Done(), i.again} {
		select {
		case <-wait:
			t.Fatal("it has ended before a signal came")
		default:
		}
		syscall.Kill(syscall.Getpid(), syscall.SIGHUP)
		<-wait
	}
}

func TestExitStatus(t *testing.T) {
	ended := func(status string, cause error) error {
		return &conduct.Failure{Cause: cause, Source: conduct.Side{Status: status}}
	}
	for want, err := range map[int]error{
		0:   nil,
		3:   ended(conduct.StatusCancelled, conduct.ErrAbandoned),
		124: ended(conduct.StatusCancelled, &timedOut{}),
		130: ended(conduct.StatusCancelled, &signalled{syscall.SIGINT}),
		143: fmt.Errorf("not started: %w", &signalled{syscall.SIGTERM}),
		1:   ended(conduct.StatusFailed, &signalled{syscall.SIGINT}),
	} {
		if got := exitStatus(err); got != want {
			t.Errorf("%v is %d, not %d", err, got, want)
		}
	}
}

func TestEndOfSides(t *testing.T) {
	for _, tc := range []struct {
		f         conduct.Failure
		committed bool
		want      string
	}{
		{conduct.Failure{Source: conduct.Side{Status: "failed", Desc: "Broken pipe", RunState: "running"}}, false, "Broken pipe; the guest runs on there"},
		{conduct.Failure{Source: conduct.Side{Status: "cancelled", RunState: "paused"}}, false, "the guest is there (paused)"},
		{conduct.Failure{Source: conduct.Side{Status: "completed", RunState: "postmigrate"}}, false, "completed; the guest is stopped there (postmigrate)"},
		{conduct.Failure{Source: conduct.Side{Status: "postcopy-paused", RunState: "finish-migrate"}}, true,
			"postcopy-paused; only a part of the guest's memory is left there (finish-migrate)"},
		{conduct.Failure{Source: conduct.Side{Err: conduct.ErrGone}}, false, "the QMP connection has ended; its process has probably ended"},
	} {
		if got := sourceEnd(&tc.f, tc.committed); got != tc.want {
			t.Errorf("%q is not %q", got, tc.want)
		}
	}
}

// The bar of the verb has a second line, and notes stay above it.
func TestMigrateBar(t *testing.T) {
	var out drawing
	view := (&screen{out: &out, terminal: true}).progress(reportInterval, outlook)
	p := samples()[2]
	p.DirtyRate, p.ExpectedDowntime = 8<<20, 120*time.Millisecond
	view.show(p)
	view.note("Cancelling")
	for _, part := range []string{"Cancelling\n", " 50 %   256 MiB/s   256 MiB left", "guest writes 8 MiB/s  downtime 120 ms  ETA 1.0 s"} {
		eventually(t, part, func() bool { return strings.Contains(out.String(), part) }) // it draws by itself
	}
	view.end()
}
