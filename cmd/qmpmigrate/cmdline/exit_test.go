package cmdline

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	texts := Texts{
		TopicVersion:           func(string) string { return "V1\nV2\n" },
		TopicMachineProperties: func(subject string) string { return "of " + subject + "\n" },
	}
	for _, row := range []struct {
		err            error
		status         int
		stdout, stderr string
	}{
		{nil, 0, "", ""},
		{&Exit{Text: "t\n"}, 0, "t\n", ""},
		{&Exit{Status: 1, Text: "t\n"}, 1, "t\n", ""},
		{&Exit{Topic: TopicVersion, Text: "t\n"}, 0, "V1\nV2\nt\n", ""},
		{&Exit{Topic: TopicMachineProperties, Subject: "adopt"}, 0, "of adopt\n", ""},
		{&Exit{Topic: TopicTraceEvents}, 0, "", ""},
		{fail("bad"), 1, "", "P: bad\n"},
		{Origin{Option: "-S"}.Errorf("bad %d", 1), 1, "", "P: -S: bad 1\n"},
		{fmt.Errorf("while starting: %w", Origin{Option: "-m", Value: "x", HasValue: true}.Errorf("bad")), 1, "", "P: -m x: bad\n"},
		{errors.New("other"), 1, "", "P: other\n"},
	} {
		var stdout, stderr strings.Builder
		status := Report("P", row.err, texts, &stdout, &stderr)
		if status != row.status || stdout.String() != row.stdout || stderr.String() != row.stderr {
			t.Errorf("%v: %d %q %q", row.err, status, stdout.String(), stderr.String())
		}
	}
}

func TestRender(t *testing.T) {
	e := &Error{
		Origin: Origin{Option: "-qmp", Value: "x", HasValue: true},
		Text:   "first", Hints: []string{"hint"}, Then: "second",
	}
	if got, want := e.Render("P"), "P: -qmp x: first\nhint\nP: -qmp x: second\n"; got != want {
		t.Errorf("error %q", got)
	}
	if got := e.Error(); got != "-qmp x: first" {
		t.Errorf("short form %q", got)
	}
	w := Warning{Origin: Origin{File: "F", Line: 3}, Level: LevelWarning, Text: "w", Hints: []string{"h"}}
	if got := w.Render("P"); got != "P:F:3: warning: w\nh\n" {
		t.Errorf("warning %q", got)
	}
	w = Warning{Level: LevelError, Text: "w"}
	if got := w.Render("g1 P"); got != "g1 P: w\n" {
		t.Errorf("warning %q", got)
	}
}

func TestVersionAndHelp(t *testing.T) {
	for line, topic := range map[string]Topic{
		"-version": TopicVersion, "--version": TopicVersion, "-h": TopicVersion, "-help": TopicVersion, "--help": TopicVersion,
	} {
		exit := printed(t, line)
		if exit.Topic != topic || exit.Status != 0 || (exit.Text == "") != strings.Contains(line, "version") {
			t.Errorf("%s: %+v", line, exit)
		}
	}
	// They act where they stand: an earlier error wins, a later one is not seen.
	if got := refused(t, words("-bogus -h")); got != "PROG: -bogus: invalid option" {
		t.Error(got)
	}
	printed(t, "-h -bogus")
}

func TestHelpText(t *testing.T) {
	help := Help("/usr/bin/qmpmigrate")
	if !strings.HasPrefix(help, "usage: qmpmigrate [options] [disk_image]\n\n") {
		t.Errorf("starts %.80q", help)
	}
	for _, s := range table() {
		if !strings.Contains(help, "\n"+s.title+":\n") {
			t.Errorf("no section %q", s.title)
		}
		for _, o := range s.options {
			if !strings.Contains(help, strings.TrimSpace("-"+o.name+" "+o.arg)) {
				t.Errorf("-%s is not explained", o.name)
			}
		}
	}
	for line := range strings.Lines(help) {
		if len(line) > helpWidth+1 && !strings.HasPrefix(line, "  -") {
			t.Errorf("%d columns: %s", len(line), line)
		}
		if strings.TrimRight(line, " \n") != strings.TrimRight(line, "\n") || strings.Contains(line, "\x00") {
			t.Errorf("stray bytes: %q", line)
		}
	}
}

func TestOptionGroups(t *testing.T) {
	groups, err := OptionGroups()
	if err != nil {
		t.Fatal(err)
	}
	options := map[string]bool{}
	for _, s := range table() {
		for _, o := range s.options {
			options[o.name] = true
		}
	}
	other := map[string]string{"memory": "m", "smp-opts": "smp", "boot-opts": "boot", "acpi": "acpitable"}
	for _, g := range groups {
		name := g.Name
		if o := other[name]; o != "" {
			name = o
		}
		if !options[name] {
			t.Errorf("%s is not an option", g.Name)
		}
		if g.Name == "mon" {
			want := "[{pretty boolean  } {chardev string  } {mode string  }]"
			if got := fmt.Sprint(g.Parameters); got != want {
				t.Errorf("mon has %s", got)
			}
			other["mon"] = "mon"
		}
	}
	if other["mon"] == "" {
		t.Error("no mon")
	}
	// What an option takes here is part of what QEMU tells of it.
	for _, spec := range specs() {
		for _, g := range groups {
			if g.Name != spec.name || len(g.Parameters) == 0 {
				continue
			}
			for _, k := range spec.keys {
				if !slices.ContainsFunc(g.Parameters, func(p Parameter) bool { return p.Name == k.name }) {
					t.Errorf("%s: %s is not told of", g.Name, k.name)
				}
			}
		}
	}
}
