package cmdline

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestMachine(t *testing.T) {
	for _, row := range []struct{ line, kind, backend, props string }{
		{"", "memtest", "", `{}`},
		{"-machine adopt", "adopt", "", `{"type": "adopt"}`},
		{"-M type=adopt", "adopt", "", `{"type": "adopt"}`},
		{"--machine pc-q35-10.0,", "pc-q35-10.0", "", `{"type": "pc-q35-10.0"}`},
		{"-machine q35", "pc-q35-10.0", "", `{"type": "q35"}`},
		{"-machine pc", "pc-i440fx-10.0", "", `{"type": "pc"}`},
		{"-machine rate=5 -machine adopt -M rate=7,usb=off", "adopt", "",
			`{"rate": "7", "type": "adopt", "usb": "off"}`},
		{"-object memory-backend-ram,id=m,size=1M -machine memory-backend=m", "memtest", "m", `{"memory-backend": "m"}`},
	} {
		m := parsed(t, row.line).Machine
		if m.Type != row.kind || m.MemoryBackend != row.backend || compact(m.Props.Dict()) != row.props {
			t.Errorf("%s: type %q, backend %q, %s", row.line, m.Type, m.MemoryBackend, compact(m.Props.Dict()))
		}
	}
}

func TestMachineErrors(t *testing.T) {
	checkBad(t, []badLine{
		{"-machine memtest,foo", "@: Expected '=' after parameter 'foo'"},
		{"-machine memtest,.x=1", "@: Invalid parameter '.x'"},
		{"-machine a.b=1 -machine a.b.c=2", "@: Parameter 'a.b' used inconsistently"},
		{"-machine type.x=1", "PROG: Parameters 'type.*' are unexpected"},
		{"-machine memory-backend=x", "PROG: Memory backend 'x' not found"},
		{"-object memory-backend-ram,id=x,size=1M -machine memory-backend=x -m 2",
			"PROG: Machine memory size does not match the size of the memory backend"},
		{"-machine pc -smp 256",
			"PROG: Invalid SMP CPUs 256. The max CPUs supported by machine 'pc-i440fx-10.0' is 255"},
		{"-machine q35 -smp 4097",
			"PROG: Invalid SMP CPUs 4097. The max CPUs supported by machine 'pc-q35-10.0' is 4096"},
		{"-machine none -smp 2", "PROG: Invalid SMP CPUs 2. The max CPUs supported by machine 'none' is 1"},
		{"-machine accel=tcg -accel kvm", `PROG: The -accel and "-machine accel=" options are incompatible`},
	})
	m := parsed(t, "-machine bogus").Machine
	const want = "PROG: unsupported machine type: \"bogus\"\nUse -machine help to list supported machines\n"
	if got := m.Unsupported().Render("PROG"); got != want {
		t.Errorf("unsupported:\n%s", got)
	}
}

func TestMachineHelp(t *testing.T) {
	for _, line := range []string{"-machine help", "-M ?"} {
		exit := printed(t, line)
		if exit.Status != 0 || !strings.HasPrefix(exit.Text, "Supported machines are:\nadopt                Takes") ||
			!strings.HasSuffix(exit.Text, "\nnone                 empty machine\n") {
			t.Errorf("%s: status %d\n%s", line, exit.Status, exit.Text)
		}
	}
	if exit := printed(t, "-machine adopt,help"); exit.Topic != TopicMachineProperties || exit.Subject != "adopt" {
		t.Errorf("properties: %+v", exit)
	}
	if exit := printed(t, "-smp help"); !strings.HasPrefix(exit.Text, "smp-opts options:\n  books=<num>\n") {
		t.Errorf("smp: %s", exit.Text)
	}
}

func TestProps(t *testing.T) {
	p := parsed(t, "-machine memtest,rate=0x10,set=1.5k,on=yes,name=a,,b,delta=-3,kind=sweep,usb=off,vmport=off").Machine.Props
	got := fmt.Sprintln(p.Uint("rate", 1), p.Size("set", 1), p.Bool("on", false), p.String("name", ""),
		p.Int("delta", 0), p.Enum("kind", "idle", "sweep", "idle"))
	if want := "16 1536 true a,b -3 sweep\n"; got != want {
		t.Errorf("values %s, want %s", got, want)
	}
	got = fmt.Sprintln(p.Uint("r", 1), p.Size("s", 2), p.Bool("o", true), p.String("n", "x"), p.Int("d", -1),
		p.Enum("k", "idle", "idle"))
	if want := "1 2 true x -1 idle\n"; got != want {
		t.Errorf("defaults %s, want %s", got, want)
	}
	if !p.Has("rate") || p.Has("r") {
		t.Error("Has")
	}
	if err := p.Finish("memtest"); err != nil {
		t.Error(err)
	}
}

func TestPropsErrors(t *testing.T) {
	for _, row := range []struct {
		text string
		read func(p *Props)
		want string
	}{
		{"foo=1", func(p *Props) {}, "Property 'memtest-machine.foo' not found"},
		{"foo.bar=1", func(p *Props) {}, "Property 'memtest-machine.foo' not found"},
		{"mem-merge=maybe", func(p *Props) {}, "Parameter 'mem-merge' expects 'on' or 'off'"},
		{"a=x", func(p *Props) { p.Bool("a", false) }, "Parameter 'a' expects 'on' or 'off'"},
		{"a=x", func(p *Props) { p.Int("a", 0) }, "Parameter 'a' expects integer"},
		{"a=-1", func(p *Props) { p.Uint("a", 0) }, "Parameter 'a' expects a non-negative integer"},
		{"a=1k", func(p *Props) { p.Uint("a", 0) }, "Parameter 'a' expects a non-negative integer"},
		{"a=-1", func(p *Props) { p.Size("a", 0) }, "Parameter 'a' expects size"},
		{"a=x", func(p *Props) { p.Enum("a", "b", "b", "c") }, "Parameter 'a' does not accept value 'x'"},
		{"a.b=x", func(p *Props) { p.String("a", "") }, "Parameters 'a.*' are unexpected"},
		{"a.b=x", func(p *Props) { p.Uint("a", 0) }, "Parameters 'a.*' are unexpected"},
		{"a.0=x", func(p *Props) { p.Size("a", 0) }, "Parameters 'a.*' are unexpected"},
		{"a=x,b=y", func(p *Props) { p.Int("a", 0); p.Int("b", 0) }, "Parameter 'a' expects integer"},
		{"a=5,b=y", func(p *Props) {
			if p.Uint("a", 0) > 4 {
				p.Failf("'%s' is too large", "a")
			}
			p.Int("b", 0)
		}, "'a' is too large"},
	} {
		p, err := NewProps(row.text)
		if err != nil {
			t.Fatal(err)
		}
		row.read(p)
		if err := p.Finish("memtest"); err == nil || err.Error() != row.want {
			t.Errorf("%s:\n got %v\nwant %s", row.text, err, row.want)
		}
	}
	if _, err := NewProps("a"); err == nil {
		t.Error("bad text makes properties")
	}
	// An error a machine finds has no option of its own to name.
	p, _ := NewProps("foo=1")
	failure, _ := errors.AsType[*Error](p.Finish("adopt"))
	if got := failure.Render("PROG"); got != "PROG: Property 'adopt-machine.foo' not found\n" {
		t.Errorf("rendered %q", got)
	}
}

func TestMemory(t *testing.T) {
	for _, row := range []struct {
		line string
		want Memory
	}{
		{"", Memory{Size: 128 << 20}},
		{"-m 0", Memory{Size: 128 << 20}},
		{"-m ''", Memory{Size: 128 << 20}},
		{"-m 150M", Memory{Size: 150 << 20, Given: true}},
		{"-m 64", Memory{Size: 64 << 20, Given: true}},
		{"-m 1.5G", Memory{Size: 1536 << 20, Given: true}},
		{"-m size=131072k", Memory{Size: 128 << 20, Given: true}},
		{"-m 1B", Memory{Size: 8192, Given: true}},
		{"-m 8193B", Memory{Size: 16384, Given: true}},
		{"-m 64 -m 32", Memory{Size: 32 << 20, Given: true}},
		{"-m 64,slots=2,maxmem=1G", Memory{Size: 64 << 20, Given: true, Max: 1 << 30, Slots: 2}},
		{"-m 64 -m slots=2 -m maxmem=1G", Memory{Size: 64 << 20, Given: true, Max: 1 << 30, Slots: 2}},
		{"-machine memory.size=1M", Memory{Size: 1 << 20, Given: true}},
		{"-object memory-backend-ram,id=r,size=64M -machine memory-backend=r", Memory{Size: 64 << 20, Given: true}},
		{"-m 64 -object memory-backend-ram,id=r,size=64M -machine memory-backend=r",
			Memory{Size: 64 << 20, Given: true}},
	} {
		if got := parsed(t, row.line).Memory; got != row.want {
			t.Errorf("%s:\n got %+v\nwant %+v", row.line, got, row.want)
		}
	}
}

func TestMemoryErrors(t *testing.T) {
	hints := "\nOptional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\nand exabytes, respectively."
	checkBad(t, []badLine{
		{"-m zz", "@: Parameter 'size' expects a non-negative number below 2^64" + hints},
		{"-m 1.5", "@: Parameter 'size' expects a non-negative number below 2^64" + hints},
		{"-m 0.3", "@: Parameter 'size' expects a non-negative number below 2^64" + hints},
		{"-m -1", "PROG: -m -1: Value '-1' is out of range for parameter 'size'"},
		{"-m 16E", "@: Value '16E' is out of range for parameter 'size'"},
		{"-m 0x80", "PROG: Parameter 'memory.size' expects size"},
		{"-m 64,foo=1", "@: Invalid parameter 'foo'"},
		{"-m 64,id=x", "@: Invalid parameter 'id'"},
		{"-m 64,slots=x", "@: Parameter 'slots' expects a number"},
		{"-m 64,slots=2", "PROG: slots specified but no max-size"},
		{"-m 128,maxmem=64", "PROG: invalid value of maxmem: maximum memory size (0x40) " +
			"must be at least the initial memory size (0x8000000)"},
		{"-m maxmem=64", "PROG: invalid value of maxmem: maximum memory size (0x40) " +
			"must be at least the initial memory size (0x8000000)"},
		{"-m 128,slots=1,maxmem=128M", "PROG: invalid value of maxmem: memory slots were specified but " +
			"maximum memory size (0x8000000) is equal to the initial memory size (0x8000000)"},
		{"-m 18446744073709551615B", "PROG: ram size too large"},
		{"-machine memory.foo=1", "PROG: Parameter 'memory.foo' is unexpected"},
		{"-machine memory=1", "PROG: Invalid parameter type for 'memory', expected: object"},
	})
}

func TestSMP(t *testing.T) {
	for _, row := range []struct {
		line string
		want SMP
	}{
		{"", SMP{1, 1, 1, 1, 1, 1, 1}},
		{"-smp 1", SMP{1, 1, 1, 1, 1, 1, 1}},
		{"-smp 1,sockets=1,cores=1,threads=1", SMP{1, 1, 1, 1, 1, 1, 1}},
		{"-smp 4,sockets=1,cores=4,maxcpus=4", SMP{4, 4, 1, 1, 1, 4, 1}},
		{"-smp 4", SMP{4, 4, 1, 1, 1, 4, 1}},
		{"-smp 2,maxcpus=8,threads=2", SMP{2, 8, 1, 1, 1, 4, 2}},
		{"-smp 8,cores=2", SMP{8, 8, 4, 1, 1, 2, 1}},
		{"-smp 8,sockets=2,cores=2", SMP{8, 8, 2, 1, 1, 2, 2}},
		{"-smp sockets=2,dies=2,modules=2,cores=3", SMP{24, 24, 2, 2, 2, 3, 1}},
		{"-smp maxcpus=6", SMP{6, 6, 1, 1, 1, 6, 1}},
		{"-smp 2 -smp maxcpus=4", SMP{2, 4, 1, 1, 1, 4, 1}},
		{"-machine smp.cpus=3", SMP{3, 3, 1, 1, 1, 3, 1}},
		{"-smp 5 -machine smp.cpus=3", SMP{3, 3, 1, 1, 1, 3, 1}},
		{"-smp 2,clusters=1,books=1,drawers=1", SMP{2, 2, 1, 1, 1, 2, 1}},
	} {
		if got := parsed(t, row.line).SMP; got != row.want {
			t.Errorf("%s:\n got %+v\nwant %+v", row.line, got, row.want)
		}
	}
}

func TestSMPErrors(t *testing.T) {
	checkBad(t, []badLine{
		{"-smp x", "PROG: Parameter 'smp.cpus' expects integer"},
		{"-smp foo=1", "PROG: Parameter 'smp.foo' is unexpected"},
		{"-smp cpus.x=1", "PROG: Parameters 'smp.cpus.*' are unexpected"},
		{"-smp 2,x", "@: Expected '=' after parameter 'x'"},
		{"-smp 0", "PROG: Invalid CPU topology: CPU topology parameters must be greater than zero"},
		{"-smp 2,cores=0", "PROG: Invalid CPU topology: CPU topology parameters must be greater than zero"},
		{"-smp 2,clusters=2", "PROG: clusters > 1 not supported by this machine's CPU topology"},
		{"-smp 256", "PROG: Invalid SMP CPUs 256. The max CPUs supported by machine 'memtest' is 255"},
		{"-machine adopt -smp 4097", "PROG: Invalid SMP CPUs 4097. The max CPUs supported by machine 'adopt' is 4096"},
		{"-smp 2,maxcpus=1", "PROG: Invalid CPU topology: maxcpus must be equal to or greater than smp: " +
			"sockets (1) * dies (1) * modules (1) * cores (1) * threads (1) == maxcpus (1) < smp_cpus (2)"},
		{"-smp 2,cores=2,threads=2", "PROG: Invalid CPU topology: product of the hierarchy must match maxcpus: " +
			"sockets (0) * dies (1) * modules (1) * cores (2) * threads (2) != maxcpus (2)"},
		{"-smp 9223372036854775807,cores=9223372036854775807,sockets=2",
			"PROG: Invalid SMP CPUs 2147483648. The max CPUs supported by machine 'memtest' is 255"},
		{"-smp -1", "PROG: Invalid SMP CPUs 2147483648. The max CPUs supported by machine 'memtest' is 255"},
	})
}

func TestBoot(t *testing.T) {
	got := parsed(t, "-boot menu=on,strict=on,reboot-timeout=1000,splash=/usr/x.jpg -boot cd").Boot
	if want := (Boot{Order: "cd", Menu: true, Strict: true, Splash: "/usr/x.jpg", RebootTimeout: 1000}); got != want {
		t.Errorf("boot %+v", got)
	}
	checkBad(t, []badLine{
		{"-boot strict=maybe", "PROG: Parameter 'boot.strict' expects 'on' or 'off'"},
		{"-boot foo=1", "PROG: Parameter 'boot.foo' is unexpected"},
	})
}

func TestAccel(t *testing.T) {
	for line, want := range map[string]string{
		"":                                 "",
		"-accel kvm -accel tcg":            "kvm{} tcg{}",
		"-accel kvm,dirty-ring-size=4096":  `kvm{"dirty-ring-size": "4096"}`,
		"-accel tcg,thread=single":         `tcg{"thread": "single"}`,
		"-machine none,accel=kvm:tcg":      "kvm{} tcg{}",
		"-machine accel=kvm,accel=tcg":     "tcg{}",
		"-accel qtest":                     "qtest{}",
		"-accel accel=tcg,split-wx=on -S":  `tcg{"split-wx": "on"}`,
		"-accel kvm,kernel-irqchip=split ": `kvm{"kernel-irqchip": "split"}`,
	} {
		var got []string
		for _, a := range parsed(t, line).Accels {
			got = append(got, a.Name+compact(a.Props))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", line, got, want)
		}
	}
	checkBad(t, []badLine{
		{"-accel bogus", "@: invalid accelerator bogus"},
		{"-machine accel=bogus", "PROG: invalid accelerator bogus"},
		{"-accel tcg,foo=1", "@: Property 'tcg-accel.foo' not found"},
		{"-accel tcg,thread=bogus", "@: Invalid 'thread' setting bogus"},
		{"-accel kvm,dirty-ring-size=5", "@: dirty-ring-size must be a power of two."},
	})
	cfg, warnings, err := Parse("PROG", words("-accel bogus -accel tcg"))
	if err != nil || len(cfg.Accels) != 1 || len(warnings) != 1 {
		t.Fatalf("first accelerator unknown: %v, %v", warnings, err)
	}
	if got := warnings[0].Render("PROG"); got != "PROG: -accel bogus: invalid accelerator bogus\n" {
		t.Errorf("its message: %q", got)
	}
	if exit := printed(t, "-accel help"); exit.Status != 0 || !strings.Contains(exit.Text, "\ntcg\n") {
		t.Errorf("help: %+v", exit)
	}
}
