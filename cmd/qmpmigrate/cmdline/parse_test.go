package cmdline

import (
	"errors"
	"io/fs"
	"reflect"
	"strings"
	"testing"
)

func TestConventions(t *testing.T) {
	checkBad(t, []badLine{
		{"-bogus", "PROG: -bogus: invalid option"},
		{"--bogus", "PROG: --bogus: invalid option"},
		{"---S", "PROG: ---S: invalid option"},
		{"-", "PROG: -: invalid option"},
		{"--", "PROG: --: invalid option"},
		{"-S=on", "PROG: -S=on: invalid option"},
		{"-incoming", "PROG: -incoming: requires an argument"},
		{"-S -m", "PROG: -m: requires an argument"},
		{"-uuid ''", "PROG: -uuid : failed to parse UUID string: wrong format"}, // blank, then colon
		{"--uuid x", "PROG: -uuid x: failed to parse UUID string: wrong format"},
		{"-uuid x -bogus", "PROG: -uuid x: failed to parse UUID string: wrong format"}, // left to right
	})
}

// Repeats: the last scalar wins, some options merge (see their own tests), others add up.
func TestRepeats(t *testing.T) {
	cfg := parsed(t, "-pidfile a -pidfile b -loadvm x -loadvm y --S -S")
	if cfg.PidFile != "b" || cfg.LoadVM != "y" || !cfg.Paused {
		t.Errorf("%+v", cfg)
	}
}

func TestDefaults(t *testing.T) {
	cfg := parsed(t, "")
	if cfg.Machine.Type != "memtest" || cfg.Memory.Size != DefaultRAM || cfg.SMP.CPUs != 1 || cfg.Paused {
		t.Errorf("%+v", cfg)
	}
	if err := cfg.Machine.Props.Finish("memtest"); err != nil {
		t.Error(err)
	}
	if n := len(cfg.Chardevs) + len(cfg.QMP) + len(cfg.HMP) + len(cfg.Serial); n != 0 {
		t.Errorf("%d monitors and devices out of nothing", n)
	}
}

// Every row of the table has what the walk and the help text need.
func TestTable(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range table() {
		if s.title == "" || len(s.options) == 0 {
			t.Errorf("empty section %q", s.title)
		}
		for _, o := range s.options {
			if o.name == "" || strings.ContainsAny(o.name, " =") || o.parse == nil || seen[o.name] {
				t.Errorf("bad or double row %+v", o)
			}
			if (o.help == "") != (o.class == ignored) {
				t.Errorf("-%s: help %q", o.name, o.help)
			}
			seen[o.name] = true
		}
	}
	for _, s := range specs() {
		if name := map[string]string{"memory": "m"}[s.name]; !seen[s.name] && !seen[name] {
			t.Errorf("keys for no option: %s", s.name)
		}
	}
}

// Two runs share nothing: a Parser, and the package, keep no state.
func TestParseTwice(t *testing.T) {
	const line = "-chardev null,id=c -mon c -object iothread,id=i -drive file=x,id=d -m 64 -name a -accel kvm"
	first, second := parsed(t, line), parsed(t, line)
	if !reflect.DeepEqual(first, second) {
		t.Error("the second run differs")
	}
}

func TestSet(t *testing.T) {
	cfg := parsed(t, "-chardev null,id=c -set chardev.c.logfile=/l -device e1000,id=n0 -set device.n0.mac=x -drive id=d,file=a -set drive.d.file=b=c")
	if cfg.Chardevs[0].LogFile != "/l" || cfg.Drives[0].File != "b=c" || !cfg.Devices[0].Props.Has("mac") {
		t.Errorf("%+v %+v", cfg.Chardevs[0], cfg.Drives[0])
	}
}

func TestSetErrors(t *testing.T) {
	checkBad(t, []badLine{
		{"-set x", `@: can't parse: "x"`},
		{"-set a.b=c", `@: can't parse: "a.b=c"`},
		{"-set a.b.c", `@: can't parse: "a.b.c"`},
		{"-set .b.c=d", `@: can't parse: ".b.c=d"`},
		{"-set chardev.c.path=x", `@: there is no chardev "c" defined`},
		{"-object iothread,id=i -set object.i.poll-grow=1", "@: -object takes effect at once and cannot be added to"},
		{"-set bogus.c.path=x", "@: There is no option group 'bogus'"},
		{"-chardev null,id=c -set chardev.c.foo=x", "@: Invalid parameter 'foo'"},
		{"-chardev null,id=c -set chardev.c.mux=x", "@: Parameter 'mux' expects 'on' or 'off'"},
	})
}

const configText = `
# a monitor and a machine
[chardev "mon0"]
  backend = "socket"
  path = "/q,1"
  server = "on"
  wait = "off"
[mon]
  chardev = "mon0"
  mode = "control"

[machine]
  type = "adopt"
[smp-opts]
  cpus = "2"
[boot-opts]
  strict = "on"
[memory]
  size = "64"
[object "ram"]
  qom-type = "memory-backend-ram"
  size = "64M"
`

// withFile parses a line in a world with one file.
func withFile(content string, line string) (*Config, error) {
	p := Parser{Prog: "PROG", ReadFile: func(name string) ([]byte, error) {
		if name != "conf" {
			return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("no such file or directory")}
		}
		return []byte(content), nil
	}}
	cfg, _, err := p.Parse(words(line))
	return cfg, err
}

func TestReadConfig(t *testing.T) {
	cfg, err := withFile(configText, "-readconfig conf -name n")
	if err != nil {
		t.Fatal(err)
	}
	if monitors(cfg) != "qmp( on mon0 unix:/q,1)" || cfg.Machine.Type != "adopt" || cfg.SMP.CPUs != 2 ||
		cfg.Memory.Size != 64<<20 || !cfg.Boot.Strict || cfg.Objects[0].ID != "ram" || cfg.Name.Guest != "n" {
		t.Errorf("%s %+v", monitors(cfg), cfg)
	}
}

// Options that are remembered only are sections, too: Incus writes its NUMA nodes so.
func TestReadConfigRemembers(t *testing.T) {
	cfg, err := withFile("[numa]\ntype = \"node\"\nnodeid = \"0\"\n[smbios]\ntype = \"2\"\n[fw_cfg \"f\"]\nname = \"opt/x\"\nstring = \"y\"\n",
		"-readconfig conf")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range cfg.Remembered {
		got = append(got, r.Option)
	}
	if strings.Join(got, " ") != "numa smbios fw_cfg" {
		t.Errorf("%q are remembered", got)
	}
}

func TestReadConfigErrors(t *testing.T) {
	for _, row := range []struct{ content, want string }{
		{"x = \"1\"", "PROG:conf:1: no group defined"},
		{"[bogus]", "PROG:conf:1: There is no option group 'bogus'"},
		{"[readconfig]", "PROG:conf:1: There is no option group 'readconfig'"},
		{"\n[chardev", "PROG:conf:2: parse error"},
		{"[chardev c]", "PROG:conf:1: parse error"},
		{"[chardev \"]", "PROG:conf:1: parse error"},
		{"[chardev \"c\"]\nbackend", "PROG:conf:2: parse error"},
		{"[chardev \"c\"]\nbackend = null", "PROG:conf:2: parse error"},
		{"[chardev \"c\"]\nfoo = \"1\"\n", "PROG:conf:1: Invalid parameter 'foo'"},
		{"[chardev \"c\"]\n", "PROG:conf:1: chardev: \"c\" missing backend"},
		{"[chardev \"1\"]\nbackend = \"null\"\n[mon]", "PROG:conf:1: Parameter 'id' expects an identifier\n" +
			"Identifiers consist of letters, digits, '-', '.', '_', starting with a letter."},
		{strings.Repeat("#\n", 1<<19+1), "PROG: -readconfig conf: Could not read 'conf': more than 1048576 bytes"},
	} {
		_, err := withFile(row.content, "-readconfig conf")
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Render("PROG") != row.want+"\n" {
			t.Errorf("%.40q:\n got %v\nwant %s", row.content, err, row.want)
		}
	}
	_, err := withFile("", "-readconfig gone")
	const want = "-readconfig gone: Could not open 'gone': No such file or directory"
	if err == nil || err.Error() != want {
		t.Errorf("missing file: %v", err)
	}
	checkBad(t, []badLine{{"-readconfig conf", "@: Could not open 'conf': files of options cannot be read here"}})
}

func FuzzReadConfig(f *testing.F) {
	f.Add(configText)
	f.Add("[chardev \"c\"]\nbackend = \"null\"\n[x")
	f.Fuzz(func(t *testing.T, content string) { withFile(content, "-readconfig conf") })
}
