package clients

import (
	"strings"
	"testing"

	"qmpmigrate/tests/emulator"
)

// TestCompat asks for deprecated and unstable things under each policy.
func TestCompat(t *testing.T) {
	in := func(command, arguments string) string {
		return negotiate + `{"execute": "` + command + `", "arguments": ` + arguments + `, "id": 1}`
	}
	const oob = `{"execute": "qmp_capabilities", "arguments": {"enable": ["oob"]}}`
	cases := []string{
		in("query-migrationthreads", `{"a": 1}`), // deprecated
		in("x-colo-lost-heartbeat", `{"a": 1}`),  // unstable
		in("query-status", `{}`),
		`{"execute": "query-migrationthreads"}`, negotiate + `{"execute": "query-migrationthreads", "extra": 1}`,
		oob + `{"exec-oob": "query-migrationthreads"}`, oob + `{"exec-oob": "x-colo-lost-heartbeat"}`,
		in("migrate-set-capabilities", `{"capabilities": [{"capability": "zero-blocks", "state": false}]}`),
		in("migrate-set-capabilities", `{"capabilities": [{"capability": "x-ignore-shared", "state": false}, {"capability": "nope", "state": 1}]}`),
		in("migrate-set-capabilities", `{"capabilities": [{"capability": "xbzrle"}, {"capability": "x-colo", "state": false}]}`),
		in("migrate-set-parameters", `{"x-checkpoint-delay": 100}`), in("migrate-set-parameters", `{"x-checkpoint-delay": "a", "bogus": 1}`),
		in("migrate-set-parameters", `{"bogus": 1, "x-vcpu-dirty-limit-period": 1000}`), in("migrate-set-parameters", `{"max-bandwidth": "a", "x-checkpoint-delay": 1}`),
		in("query-machines", `{"compat-props": 1}`),
	}
	for _, options := range []string{
		"deprecated-input=reject", "unstable-input=reject", "deprecated-input=reject,unstable-input=reject",
		"deprecated-output=hide,unstable-output=hide", "deprecated-input=accept,unstable-input=accept",
	} {
		t.Run(strings.NewReplacer("=", "-", ",", "+").Replace(options), func(t *testing.T) {
			theirs, ours := launchBoth(t, "-compat", options)
			for _, text := range cases {
				sameAnswers(t, theirs, ours, text)
			}
			for _, path := range []string{theirs, ours} {
				visible(t, path, options)
			}
		})
	}
}

// visible looks at what -compat options let clients see.
func visible(t *testing.T, path, options string) {
	w := plug(t, path)
	defer w.conn.Close()
	answer := func(command string) string {
		w.send(`{"execute": "` + command + `"}`)
		line, err := w.lines.ReadString('\n')
		emulator.Must(t, err)
		return line
	}
	answer("qmp_capabilities")
	deprecated, unstable := !strings.Contains(options, "deprecated-output=hide"), !strings.Contains(options, "unstable-output=hide")
	schema, parameters, commands := answer("query-qmp-schema"), answer("query-migrate-parameters"), answer("query-commands")
	for what, c := range map[string]struct {
		text, part string
		want       bool
	}{
		"deprecated command in the schema": {schema, `"query-migrationthreads"`, deprecated},
		"deprecated member in the schema":  {schema, `"name": "values"`, deprecated},
		"deprecated member of the schema":  {schema, `"values": [`, deprecated},
		"deprecated value in the schema":   {schema, `"name": "zero-blocks"`, true},
		"unstable command in the schema":   {schema, `"x-colo-lost-heartbeat"`, true},
		"unstable member in the schema":    {schema, `"name": "x-checkpoint-delay"`, true},
		"unstable member":                  {parameters, `"x-checkpoint-delay"`, unstable},
		"other member":                     {parameters, `"downtime-limit"`, true},
		"deprecated command":               {commands, `"query-migrationthreads"`, true},
	} {
		if got := strings.Contains(c.text, c.part); got != c.want {
			t.Errorf("%s: %s is there: %v", path, what, got)
		}
	}
}

// TestCompatCrash has both end by SIGABRT.
func TestCompatCrash(t *testing.T) {
	for _, p := range []struct {
		program emulator.Program
		machine []string
	}{
		{emulator.NeedQEMU(t, "10.0"), []string{"-accel", "tcg", "-machine", "none", "-nodefaults"}},
		{emulator.NeedServer(t), []string{"-machine", "memtest", "-m", "16", "-nodefaults"}},
	} {
		for _, command := range []string{"query-migrationthreads", "x-colo-lost-heartbeat"} {
			e, err := emulator.Start(t.Context(), p.program, "server", append(p.machine, "-compat", "deprecated-input=crash,unstable-input=crash")...)
			emulator.Must(t, err)
			defer e.Close()
			if err := e.Execute(t.Context(), command, nil, nil); err == nil {
				t.Errorf("%s: %s succeeded", p.program, command)
			}
			exit, err := e.Wait(t.Context())
			emulator.Must(t, err)
			if !strings.HasPrefix(exit.Process, "signal: aborted") {
				t.Errorf("%s: after %s: %s", p.program, command, exit.Process)
			}
		}
	}
}
