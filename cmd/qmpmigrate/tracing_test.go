package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core/trace"
)

// traced parses a command line and gives what of its traces comes out.
func traced(t *testing.T, args ...string) (*trace.Set, *bytes.Buffer, string, error) {
	t.Helper()
	conf, _, err := cmdline.Parse("PROG", args)
	if err != nil {
		t.Fatal(err)
	}
	out := &bytes.Buffer{}
	set, warnings, err := newTracing(conf, out)
	var text strings.Builder
	for _, w := range warnings {
		text.WriteString(w.Render("PROG"))
	}
	return set, out, text.String(), err
}

func TestTraceOptions(t *testing.T) {
	events := filepath.Join(t.TempDir(), "events")
	if err := os.WriteFile(events, []byte("migrate_set_state\n# c\nbogus\n\n-savevm*\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ args, warnings, on, off string }{
		{"-trace migrate_set_state", "", "migrate_set_state", "runstate_set"},
		{"-trace bogus", "PROG: -trace bogus: warning: trace event 'bogus' does not exist\n", "", "runstate_set"},
		{"-trace -bogus", "PROG: -trace -bogus: warning: trace event 'bogus' does not exist\n", "", "runstate_set"},
		{"-trace bogus*", "", "", "runstate_set"},
		{"-d trace:savevm* -trace -savevm_section*", "", "savevm_state_setup", "savevm_section_start"},
		{"-trace * -trace events=" + events, "PROG:" + events + ":3: warning: trace event 'bogus' does not exist\n",
			"migrate_set_state", "savevm_state_setup"},
	} {
		set, _, warnings, err := traced(t, strings.Fields(test.args)...)
		if err != nil || warnings != test.warnings {
			t.Errorf("%s: %v, warnings %q", test.args, err, warnings)
		}
		if test.on != "" && !set.Event(trace.Name(test.on)).On() || set.Event(trace.Name(test.off)).On() {
			t.Errorf("%s: %s must tell and %s must not", test.args, test.on, test.off)
		}
	}
	_, _, _, err := traced(t, "-trace", "events=/nonexistent/x")
	var out bytes.Buffer
	if cmdline.Report("PROG", err, nil, &out, &out) != 1 || out.String() != "PROG:/nonexistent/x: No such file or directory\n" {
		t.Errorf("%s", out.String())
	}
}

func TestTraceLines(t *testing.T) {
	set, out, _, _ := traced(t, "-trace", "migrate_set_state")
	set.Event(trace.MigrateSetState).Tell(trace.Str("new_state", "setup"))
	const stamp = `^{"time":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z",`
	if !regexp.MustCompile(stamp + `"event":"migrate_set_state","new_state":"setup"}\n$`).Match(out.Bytes()) {
		t.Errorf("%q", out.String())
	}
	out.Reset()
	set.Event(trace.MigrateSetState).Tell(trace.Int("i", -1), trace.Uint("u", ^uint64(0)), trace.Bool("b", true), trace.Err("e", io.EOF))
	if !strings.HasSuffix(out.String(), `,"i":-1,"u":18446744073709551615,"b":true,"e":"EOF"}`+"\n") {
		t.Errorf("%q", out.String())
	}
	set, out, _, _ = traced(t, "-trace", "migrate_set_state", "-msg", "timestamp=on")
	set.Event(trace.MigrateSetState).Tell(trace.Str("new_state", "setup"))
	if !regexp.MustCompile(stamp + `"thread":[0-9]+,"event":"migrate_set_state","new_state":"setup"}\n$`).Match(out.Bytes()) {
		t.Errorf("%q", out.String())
	}
}

func TestLogFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	conf, _, err := cmdline.Parse("PROG", []string{"-D", name})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openLog(conf, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); err != nil {
		t.Error(err)
	}
	conf.Log.File = "/nonexistent/x"
	if _, err := openLog(conf, nil); err == nil || err.Error() != "Error opening logfile /nonexistent/x: No such file or directory" {
		t.Error(err)
	}
}
