package cmdline

import (
	"fmt"
	"strings"
	"testing"
)

// monitors writes a Config's monitors in a short form.
func monitors(cfg *Config) string {
	var b strings.Builder
	for _, m := range cfg.QMP {
		fmt.Fprintf(&b, "qmp(%s on %s %s", m.ID, m.Chardev.ID, m.Chardev)
		if m.Pretty {
			b.WriteString(" pretty")
		}
		b.WriteString(") ")
	}
	for _, m := range cfg.HMP {
		fmt.Fprintf(&b, "hmp(%s on %s %s) ", m.ID, m.Chardev.ID, m.Chardev)
	}
	return strings.TrimSpace(b.String())
}

func TestMonitors(t *testing.T) {
	for _, row := range []struct{ line, want string }{
		{"", ""},
		{"-qmp stdio", "qmp(compat_monitor0 on compat_monitor0 stdio)"},
		{"-qmp unix:/q,server=on,wait=off -qmp-pretty tcp::1,server,nowait",
			"qmp(compat_monitor0 on compat_monitor0 unix:/q) qmp(compat_monitor1 on compat_monitor1 tcp::1 pretty)"},
		{"-monitor stdio -qmp null", "qmp(compat_monitor1 on compat_monitor1 null) hmp(compat_monitor0 on compat_monitor0 stdio)"},
		{"-monitor none -qmp null", "qmp(compat_monitor0 on compat_monitor0 null)"},
		{"-monitor nonesuch", ""},
		{"-qmp chardev:c -chardev null,id=c", "qmp(c on c null)"},
		{"-qmp chardev:c -chardev null,id=c -qmp pty", "qmp(c on c null) qmp(compat_monitor1 on compat_monitor1 pty)"},
		{"-chardev null,id=c -mon c", "hmp( on c null)"},
		{"-chardev null,id=c -mon chardev=c,mode=control,pretty=on,id=m", "qmp(m on c null pretty)"},
		{"-chardev null,id=c -mon c,mode=readline,pretty=off", "hmp( on c null)"},
		{"-chardev stdio,id=c,mux=on -mon c -mon c", "hmp( on c stdio) hmp( on c stdio)"},
		{"-qmp mon:stdio", "qmp(compat_monitor0 on compat_monitor0 stdio)"},
		{"-monitor mon:stdio", "hmp(compat_monitor0 on compat_monitor0 stdio)"},
	} {
		if got := monitors(parsed(t, row.line)); got != row.want {
			t.Errorf("%s:\n got %s\nwant %s", row.line, got, row.want)
		}
	}
}

func TestMonitorPoints(t *testing.T) {
	cfg := parsed(t, "-chardev null,id=a -qmp unix:/q,server=on,wait=off -serial file:/f")
	if len(cfg.Chardevs) != 3 || cfg.QMP[0].Chardev != cfg.Chardevs[1] || cfg.Serial[0].Chardev != cfg.Chardevs[2] {
		t.Fatalf("monitors and ports do not point into %v", cfg.Chardevs)
	}
	err := cfg.QMP[0].Where.Errorf("Failed to bind socket to %s: %s", "/q", "No such file or directory")
	const want = "PROG: -qmp unix:/q,server=on,wait=off: Failed to bind socket to /q: No such file or directory\n"
	if got := err.Render("PROG"); got != want {
		t.Errorf("a later error is\n%swant\n%s", got, want)
	}
}

func TestMonitorErrors(t *testing.T) {
	long := strings.Repeat("x", 120)
	checkBad(t, []badLine{
		// the table of device strings; address resolution, connect and bind failures come when the device is opened
		{"-qmp x", "@: 'x' is not a valid char driver\n@: parse error: x"},
		{"-qmp ''", "@: '' is not a valid char driver\n@: parse error: "},
		{"-qmp none", "@: 'none' is not a valid char driver\n@: parse error: none"},
		{"-qmp tcp:", "@: parse error: tcp:"},
		{"-qmp tcp:1", "@: parse error: tcp:1"},
		{"-qmp vc:1x", "@: parse error: vc:1x"},
		{"-qmp unix:/x,foo=1", "@: Invalid parameter 'foo'\n@: parse error: unix:/x,foo=1"},
		{"-qmp unix:/x,server=maybe", "@: Parameter 'server' expects 'on' or 'off'\n@: parse error: unix:/x,server=maybe"},
		{"-qmp unix:", "@: Unable to parse FD number "},
		{"-qmp unix:" + long, "@: UNIX socket path '" + long + "' is too long\nPath must be less than 108 bytes"},
		{"-qmp unix:/x,wait=on", "@: 'wait' option is incompatible with socket in client connect mode"},
		{"-qmp unix:/x,server=on,reconnect=1", "@: 'reconnect' option is incompatible with socket in server listen mode"},
		{"-qmp tcp:h:1,reconnect=1,reconnect-ms=1", "@: 'reconnect' and 'reconnect-ms' are mutually exclusive"},
		{"-qmp stdio -monitor stdio", "@: cannot use stdio by multiple character devices"},
		{"-qmp stdio -daemonize", "PROG: -qmp stdio: cannot use stdio with -daemonize"},
		{"-qmp chardev:c", `@: chardev "c" not found`},
		{"-qmp null,mux=on", "@: 'null,mux=on' is not a valid char driver\n@: parse error: null,mux=on"},

		// -mon
		{"-mon nope", `@: chardev "nope" not found`},
		{`-mon {"chardev":"nope"}`, `@: chardev "{"chardev":"nope"}" not found`},
		{"-mon mode=control", "@: Parameter 'chardev' is missing"},
		{"-chardev null,id=c -mon c,mode=bogus", "@: Parameter 'mode' does not accept value 'bogus'"},
		{"-chardev null,id=c -mon c,pretty=maybe", "@: Parameter 'pretty' expects 'on' or 'off'"},
		{"-chardev null,id=c -mon c,mode=readline,pretty=on", "@: 'pretty' is not compatible with HMP monitors"},
		{"-chardev null,id=c -mon c -mon c", "@: chardev 'c' is already in use"},
		{"-chardev null,id=c -mon c,mode=control -mon c,mode=control", "@: chardev 'c' is already in use"},
		{"-chardev null,id=c,mux=on -mon c,mode=control", "@: chardev 'c' of backend 'null' has mux=on, which a QMP monitor cannot use"},
		{"-chardev null,id=c -mon c,foo=1", "@: Invalid parameter 'foo'"},
		{"-chardev null,id=c -mon c,id=m -mon c,id=m", "@: Duplicate ID 'm' for mon"},
		{"-chardev null,id=c -qmp chardev:c -qmp chardev:c", "@: Duplicate ID 'c' for mon"},
		{"-chardev null,id=c,mux=on -mon c -mon c -mon c -mon c -mon c",
			"@: too many uses of multiplexed chardev 'c' (maximum is 4)"},
		{"-chardev null,id=compat_monitor0 -qmp null",
			"@: Duplicate ID 'compat_monitor0' for chardev\n@: parse error: null"},
	})
}

func TestSerial(t *testing.T) {
	cfg := parsed(t, "-serial file:/tmp/a,b -serial none -serial chardev:c -chardev ringbuf,id=c -serial mon:stdio")
	var got []string
	for _, s := range cfg.Serial {
		if s.Chardev == nil {
			got = append(got, s.Label+"=")
			continue
		}
		got = append(got, fmt.Sprintf("%s=%s(%s)", s.Label, s.Chardev.ID, s.Chardev))
	}
	const want = "serial0=serial0(file:/tmp/a,b) serial1= serial2=c(ringbuf) serial3=serial3(stdio)"
	if strings.Join(got, " ") != want {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, " "), want)
	}
	if c := cfg.Serial[3].Chardev; !c.Mux || c.Signal || monitors(cfg) != "hmp(serial3 on serial3 stdio)" {
		t.Errorf("mon:stdio: %+v, monitors %s", c, monitors(cfg))
	}
}

func TestSerialErrors(t *testing.T) {
	checkBad(t, []badLine{
		{"-serial bogus", "@: 'bogus' is not a valid char driver\n" +
			"@: could not connect serial device to character backend 'bogus'"},
		{"-serial tcp:1", "@: could not connect serial device to character backend 'tcp:1'"},
		{"-serial chardev:c", "@: could not connect serial device to character backend 'chardev:c'"},
		{"-serial unix:/x,foo=1", "@: Invalid parameter 'foo'\n" +
			"@: could not connect serial device to character backend 'unix:/x,foo=1'"},
		{"-chardev null,id=c -serial chardev:c -serial chardev:c", "@: chardev 'c' is already in use"},
		{"-serial stdio -serial stdio", "@: cannot use stdio by multiple character devices\n" +
			"@: could not connect serial device to character backend 'stdio'"},
		{"-chardev null,id=serial0 -serial null", "@: Duplicate ID 'serial0' for chardev\n" +
			"@: could not connect serial device to character backend 'null'"},
	})
}

func TestQtest(t *testing.T) {
	cfg := parsed(t, "-qtest unix:/tmp/q -qtest-log /dev/null")
	if c := cfg.Qtest; c == nil || c.Path != "/tmp/q" || c.Server || cfg.QtestLog != "/dev/null" || len(cfg.Chardevs) != 0 {
		t.Errorf("qtest: %+v, log %q", c, cfg.QtestLog)
	}
	cfg = parsed(t, "-chardev null,id=c -qtest chardev:c")
	if cfg.Qtest != cfg.Chardevs[0] {
		t.Errorf("qtest: %+v", cfg.Qtest)
	}
	checkBad(t, []badLine{
		{"-qtest x", "PROG: 'x' is not a valid char driver\nPROG: Failed to initialize device for qtest: \"x\""},
		{"-qtest mon:stdio", "PROG: mon: isn't supported in this context\n" +
			"PROG: Failed to initialize device for qtest: \"mon:stdio\""},
		{"-qtest tcp:1", "PROG: Failed to initialize device for qtest: \"tcp:1\""},
		{"-qtest chardev:c", "PROG: Failed to initialize device for qtest: \"chardev:c\""},
		{"-qtest unix:", "PROG: Unable to parse FD number \nPROG: Failed to initialize device for qtest: \"unix:\""},
	})
}
