package cmdline

import (
	"fmt"
	"strings"
	"testing"
)

func TestActions(t *testing.T) {
	for line, want := range map[string]Actions{
		"":             {"reset", "poweroff", "shutdown", "reset"},
		"-no-shutdown": {"reset", "pause", "shutdown", "reset"},
		"-no-reboot":   {"shutdown", "poweroff", "shutdown", "reset"},
		"-action shutdown=pause,reboot=shutdown,panic=exit-failure,watchdog=inject-nmi": {
			"shutdown", "pause", "exit-failure", "inject-nmi"},
		"-no-shutdown -action shutdown=poweroff": {"reset", "poweroff", "shutdown", "reset"},
		"-watchdog-action none":                  {"reset", "poweroff", "shutdown", "none"},
	} {
		if got := parsed(t, line).Actions; got != want {
			t.Errorf("%s: %+v", line, got)
		}
	}
	checkBad(t, []badLine{
		{"-action panic=bogus", "@: Parameter 'panic' does not accept value 'bogus'"},
		{"-action shutdown=reset", "@: Parameter 'shutdown' does not accept value 'reset'"},
		{"-action foo=1", "@: Invalid parameter 'foo'"},
		{"-watchdog-action bogus", "@: Parameter 'watchdog' does not accept value 'bogus'"},
	})
}

func TestCompat(t *testing.T) {
	for line, want := range map[string]Compat{
		"":                                   {},
		"-compat deprecated-input=reject":    {DeprecatedInput: "reject"},
		`-compat {"unstable-output":"hide"}`: {UnstableOutput: "hide"},
		"-compat deprecated-output=hide,unstable-input=crash": {DeprecatedOutput: "hide", UnstableInput: "crash"},
		"-compat unstable-input=reject -compat deprecated-input=accept": {
			DeprecatedInput: "accept", UnstableInput: "reject"},
	} {
		if got := parsed(t, line).Compat; got != want {
			t.Errorf("%s: %+v", line, got)
		}
	}
	checkBad(t, []badLine{
		{"-compat deprecated-input=bogus", "@: Parameter 'deprecated-input' does not accept value 'bogus'"},
		{"-compat deprecated-output=reject", "@: Parameter 'deprecated-output' does not accept value 'reject'"},
		{"-compat foo=1", "@: Parameter 'foo' is unexpected"},
		{"-compat bogus", "@: Expected '=' after parameter 'bogus'"},
		{`-compat {"unstable-input":1}`, "@: Invalid parameter type for 'unstable-input', expected: string"},
		{"-compat help", "@: Help is not available for this option"},
	})
}

func TestFDs(t *testing.T) {
	var got []string
	for _, fd := range parsed(t, "-add-fd set=0,fd=19,opaque=libvirt-incoming -add-fd fd=3,set=0").FDs {
		got = append(got, fmt.Sprintf("%d/%d/%s", fd.Set, fd.FD, fd.Opaque))
	}
	if want := "0/19/libvirt-incoming 0/3/"; strings.Join(got, " ") != want {
		t.Errorf("descriptors %v", got)
	}
	checkBad(t, []badLine{
		{"-add-fd fd=2,set=1", "@: fd cannot be a standard I/O stream"},
		{"-add-fd set=1", "@: fd option is required and must be non-negative"},
		{"-add-fd fd=-1,set=1", "@: fd option is required and must be non-negative"},
		{"-add-fd fd=3", "@: set option is required and must be non-negative"},
		{"-add-fd fd=3,set=-1", "@: set option is required and must be non-negative"},
		{"-add-fd fd=3,set=x", "@: Parameter 'set' expects a number"},
		{"-add-fd fd=3,set=1,foo=1", "@: Invalid parameter 'foo'"},
	})
}

func TestLog(t *testing.T) {
	cfg := parsed(t, "-D /tmp/log-%d -d guest_errors,int -trace migrate_* -trace -multifd_*,events=/e -d unimp,trace:ram_*")
	if got := strings.Join(cfg.Log.Items, " "); got != "unimp" || cfg.Log.Name(42) != "/tmp/log-42" {
		t.Errorf("log %s %s", got, cfg.Log.Name(42))
	}
	var traces []string
	for _, tr := range cfg.Trace {
		traces = append(traces, tr.Pattern+"<"+tr.Events+">")
	}
	if got := strings.Join(traces, " "); got != "migrate_*<> -multifd_*</e> ram_*<>" {
		t.Errorf("traces %s", got)
	}
	if got := parsed(t, "-trace enable=a,file=/tmp/x").Log.Name(1); got != "/tmp/x" {
		t.Errorf("-trace file= logs to %q", got)
	}
	if got := parsed(t, "").Log.Name(1); got != "" {
		t.Errorf("no -D logs to %q", got)
	}
	checkBad(t, []badLine{
		{"-D DIR/log-%s", "PROG: Bad logfile template: DIR/log-%s"},
		{"-D %d%d", "PROG: Bad logfile template: %d%d"},
		{"-trace a,foo=1", "@: Invalid parameter 'foo'"},
	})
}

func TestLogHelp(t *testing.T) {
	for _, line := range []string{"-d help", "-d bogus", "-d ''", "-d int,bogus"} {
		exit := printed(t, line)
		if exit.Status != 1 || !strings.HasPrefix(exit.Text, "Log items (comma separated):\nout_asm         ") ||
			!strings.HasSuffix(exit.Text, "\n\nUse \"-d trace:help\" to get a list of trace events.\n") {
			t.Errorf("%s: %+v", line, exit)
		}
	}
	for _, line := range []string{"-d trace:help", "-trace help", "-trace ?"} {
		if exit := printed(t, line); exit.Topic != TopicTraceEvents || exit.Status != 0 {
			t.Errorf("%s: %+v", line, exit)
		}
	}
}

func TestService(t *testing.T) {
	cfg := parsed(t, "-daemonize -pidfile /p -msg timestamp=on -msg guest-name=on -runas u -chroot /c -only-migratable "+
		"-overcommit mem-lock=yes,cpu-pm=off -mem-path /dev/shm -mem-prealloc -dump-vmstate /v -loadvm s")
	got := fmt.Sprint(cfg.Daemonize, cfg.PidFile, cfg.Msg, cfg.RunWith, cfg.OnlyMigratable, cfg.MemLock, cfg.MemPath,
		cfg.MemPrealloc, cfg.DumpVMState, cfg.LoadVM)
	if want := "true/p{true true} {u /c false} trueon/dev/shmtrue/vs"; strings.ReplaceAll(got, " ", "") !=
		strings.ReplaceAll(want, " ", "") {
		t.Errorf("got %s", got)
	}
	if got := parsed(t, "-run-with async-teardown=on,user=u -run-with chroot=/c").RunWith; got != (RunWith{"u", "/c", true}) {
		t.Errorf("run-with %+v", got)
	}
	if got := parsed(t, "-overcommit mem-lock=on-fault").MemLock; got != "on-fault" {
		t.Errorf("mem-lock %q", got)
	}
	checkBad(t, []badLine{
		{"-msg foo=1", "@: Invalid parameter 'foo'"},
		{"-msg timestamp=maybe", "@: Parameter 'timestamp' expects 'on' or 'off'"},
		{"-run-with foo=1", "@: Invalid parameter 'foo'"},
		{"-overcommit mem-lock=maybe", "@: Parameter 'mem-lock' expects 'on', 'off' or 'on-fault'"},
	})
}

func TestSandbox(t *testing.T) {
	for line, want := range map[string]Sandbox{
		"":                              {},
		"-sandbox off,spawn=deny":       {},
		"-sandbox on":                   {Enabled: true},
		"-sandbox on,spawn=allow":       {Enabled: true},
		"-sandbox enable=on,spawn=deny": {Enabled: true, DenySpawn: true},
		"-sandbox on,obsolete=deny,elevateprivileges=children,spawn=deny,resourcecontrol=deny": {true, true},
	} {
		if got := parsed(t, line).Sandbox; got != want {
			t.Errorf("%s: %+v", line, got)
		}
	}
	checkBad(t, []badLine{
		{"-sandbox maybe", "@: Parameter 'enable' expects 'on' or 'off'"},
		{"-sandbox on,spawn=maybe", "@: invalid argument for spawn"},
		{"-sandbox on,foo=1", "@: Invalid parameter 'foo'"},
	})
}
