package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shellWith runs the verb with a standard input that is no terminal.
func shellWith(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	in, out := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(in, []byte(stdin), 0o600); err != nil {
		t.Fatal(err)
	}
	input, err := os.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	output, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	var errs bytes.Buffer
	status = shellMain(args, input, output, &errs)
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return status, string(text), errs.String()
}

func TestShellVerb(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := newStage(testServer(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.clear()
	a, err := s.start("server", s.self, "-m", "8", "-machine", "memtest,workload=idle")
	if err != nil {
		t.Fatal(err)
	}
	if err := meet(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	a.Close()
	for _, tc := range []struct {
		stdin  string
		args   []string
		status int
		stdout string
		stderr string
	}{
		{"", []string{a.socket, "-c", "query-status", "-c", "stop"}, 0, `{"return":{"running":true,"status":"running"}}` + "\n" + `{"return":{}}` + "\n", ""},
		{"query-status\nnothing\n", []string{"unix:" + a.socket}, 1, `{"return":{"running":false,"status":"paused"}}` + "\n" +
			`{"error":{"class":"CommandNotFound","desc":"The command nothing has not been found"}}` + "\n", "there is no command 'nothing'\n"},
		{"ignored", []string{"--pretty", a.socket, "-c", "cont"}, 0, "{\n    \"return\": {}\n}\n", ""},
		{"", []string{a.socket, "-c", "migrate-set-parameters max-bandwidth=1X"}, 1, "", "argument 'max-bandwidth': '1X' is not a whole number or a size\n"},
	} {
		status, stdout, stderr := shellWith(t, tc.stdin, tc.args...)
		if status != tc.status || stdout != tc.stdout || stderr != tc.stderr {
			t.Errorf("%q: status %d\n%s%s", tc.args, status, stdout, stderr)
		}
	}
}

func TestShellUsage(t *testing.T) {
	for args, want := range map[string]string{
		"":                   "2 qmpmigrate shell: SOCK is missing",
		"a b":                "2 qmpmigrate shell: unexpected argument b",
		"a --fast":           "2 qmpmigrate shell: flag provided but not defined: -fast",
		"/no/such/file -c x": "1 qmpmigrate shell: dial unix /no/such/file: connect: no such file or directory",
		"tcp:host -c x":      "1 qmpmigrate shell: QMP address 'tcp:host': ",
	} {
		status, stdout, stderr := shellWith(t, "", strings.Fields(args)...)
		if got := string(rune('0'+status)) + " " + stderr; stdout != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s%s", args, stdout, got)
		}
	}
	if status, stdout, stderr := shellWith(t, "", "-h"); status != 0 || stdout != shellUsage || stderr != "" {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}

func TestHistoryPath(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", "/state")
	if got := historyPath(false) + historyPath(true); got != "/state/qmpmigrate/qmp-history/state/qmpmigrate/hmp-history" {
		t.Error(got)
	}
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("HOME", "/home/x")
	if got := historyPath(false); got != "/home/x/.local/state/qmpmigrate/qmp-history" {
		t.Error(got)
	}
	t.Setenv("HOME", "")
	if got := historyPath(false); got != "" {
		t.Error(got)
	}
}
