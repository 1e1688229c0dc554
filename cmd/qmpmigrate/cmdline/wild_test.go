package cmdline

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Command lines as other programs write them.
const (
	libvirtProbe = `-S -no-user-config -nodefaults -nographic -machine none,accel=kvm:tcg
		-qmp unix:DIR/qmp.monitor,server=on,wait=off -pidfile DIR/qmp.pid -daemonize`

	libvirtGuest = `-name guest=mig1,debug-threads=on -S
		-object {"qom-type":"secret","id":"masterKey0","format":"raw","file":"DIR/master-key.aes"}
		-machine pc-i440fx-10.0,usb=off,dump-guest-core=off,memory-backend=pc.ram -accel tcg -cpu qemu64 -m 128
		-object {"qom-type":"memory-backend-ram","id":"pc.ram","size":134217728} -overcommit mem-lock=off
		-smp 1,sockets=1,cores=1,threads=1 -uuid 77777777-2222-4333-8444-555555555555 -display none -no-user-config -nodefaults
		-chardev socket,id=charmonitor,fd=28,server=on,wait=off -mon chardev=charmonitor,id=monitor,mode=control
		-rtc base=utc -no-shutdown -boot strict=on
		-blockdev {"driver":"file","filename":"F","node-name":"s0","auto-read-only":true,"discard":"unmap"}
		-blockdev {"node-name":"f0","driver":"qcow2","file":"s0"}
		-device {"driver":"virtio-blk-pci","drive":"f0","id":"virtio-disk0"} -audiodev {"id":"audio1","driver":"none"}
		-incoming defer -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny -msg timestamp=on`

	libvirtOlder = `-name guest=f1,debug-threads=on -S -object secret,id=masterKey0,format=raw,file=DIR/master-key.aes
		-machine qmpm-1.0,usb=off,dump-guest-core=off -accel tcg -m size=65536k -overcommit mem-lock=off
		-smp 1,sockets=1,cores=1,threads=1 -uuid 77777777-2222-4333-8444-555555555555 -display none -no-user-config -nodefaults
		-chardev socket,id=charmonitor,fd=25,server=on,wait=off -mon chardev=charmonitor,id=monitor,mode=control
		-rtc base=utc -no-shutdown -no-acpi -boot strict=on -audiodev {"id":"audio1","driver":"none"} -msg timestamp=on
		-incoming defer -add-fd set=0,fd=19,opaque=libvirt-incoming-migrate-buffered-fd`

	libvirtOurs = `-name guest=f2,debug-threads=on -S
		-object {"qom-type":"secret","id":"masterKey0","format":"raw","file":"DIR/master-key.aes"}
		-machine qmpmigrate,usb=off,dump-guest-core=off,memory-backend=memtest.ram,acpi=off -accel tcg -m size=65536k
		-object {"qom-type":"memory-backend-ram","id":"memtest.ram","size":67108864} -overcommit mem-lock=off
		-smp 2,sockets=2,cores=1,threads=1 -uuid 77777777-2222-4333-8444-555555555555 -display none -no-user-config -nodefaults
		-chardev socket,id=charmonitor,fd=20,server=on,wait=off -mon chardev=charmonitor,id=monitor,mode=control
		-rtc base=utc -no-shutdown -boot strict=on -audiodev {"id":"audio1","driver":"none"}
		-machine workload=stress,rate=1M -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny
		-msg timestamp=on`

	proxmox = `-name 'vm,debug-threads=on' -no-shutdown -chardev socket,id=qmp,path=DIR/109.qmp,server=on,wait=off
		-mon chardev=qmp,mode=control -chardev socket,id=qmp-event,path=DIR/qmeventd.sock,reconnect=5
		-mon chardev=qmp-event,mode=control -pidfile DIR/109.pid -daemonize -smp 4,sockets=1,cores=4,maxcpus=4 -nodefaults
		-boot menu=on,strict=on,reboot-timeout=1000 -vnc unix:DIR/109.vnc,password=on -m 8192 -incoming tcp:h:60000 -S`

	harnessStart = `-qtest unix:T/qtest-1.sock -qtest-log /dev/null -chardev socket,path=T/qtest-1.qmp,id=char0
		-mon chardev=char0,mode=control -display none -audio none `
	harnessProbe  = harnessStart + `-machine none -accel qtest`
	harnessSource = harnessStart + `-accel kvm,dirty-ring-size=4096 -accel tcg -machine pc-q35-10.0, -name source,debug-threads=on
		-m 150M  -serial file:T/src_serial -drive if=none,id=d0,file=T/bootsect,format=raw
		-device ide-hd,drive=d0,secs=1,cyls=1,heads=1 -uuid 11111111-1111-1111-1111-111111111111
		-object memory-backend-file,id=mem0,size=150M,mem-path=/dev/shm/qemu-1,share=on -numa node,memdev=mem0 -accel qtest`
	harnessTarget = harnessStart + `-accel kvm -accel tcg -machine pc-q35-10.0, -name target,debug-threads=on -m 150M
		-serial file:T/dest_serial -incoming tcp:127.0.0.1:0 -global migration.x-events=on
		-drive if=none,id=d0,file=T/bootsect,format=raw -device ide-hd,drive=d0,secs=1,cyls=1,heads=1 -accel qtest`
	harnessCPR = harnessStart + `-accel kvm -accel tcg -machine pc-q35-10.0, -name target,debug-threads=on
		-object memory-backend-memfd,id=pc.ram,size=150M -machine memory-backend=pc.ram -serial file:T/dest_serial
		-incoming unix:T/migsocket -machine aux-ram-share=on -nodefaults
		-incoming cpr,addr.transport=socket,addr.type=unix,addr.path=T/cpr.sock -accel qtest`
	harnessDirtyLimit = harnessStart + `-accel kvm,dirty-ring-size=4096 -name dirtylimit-test,debug-threads=on -m 150M -smp 1
		-serial file:T/vm_serial -drive file=T/bootsect,format=raw -accel qtest`
	harnessTraced = `-trace migrate_* ` + harnessProbe
)

func TestLibvirt(t *testing.T) {
	cfg := parsed(t, libvirtProbe)
	if cfg.Machine.Type != "none" || len(cfg.Accels) != 2 || !cfg.Daemonize || !cfg.Paused ||
		monitors(cfg) != "qmp(compat_monitor0 on compat_monitor0 unix:DIR/qmp.monitor)" {
		t.Errorf("probe: %s %+v", monitors(cfg), cfg)
	}
	cfg = parsed(t, libvirtGuest)
	if c := cfg.QMP[0].Chardev; c.Net != NetFD || c.FD != 28 || !c.Server || c.Wait || cfg.QMP[0].ID != "monitor" {
		t.Errorf("monitor: %+v", c)
	}
	if cfg.Name.Guest != "mig1" || cfg.Memory.Size != 128<<20 || incoming(cfg) != "main<defer>" || !cfg.Sandbox.DenySpawn ||
		!cfg.Msg.Timestamp || !cfg.Actions.NoShutdown() || len(cfg.Objects) != 2 || len(cfg.BlockNodes) != 2 {
		t.Errorf("guest: %+v", cfg)
	}
	if err := cfg.Machine.Props.Finish("pc-i440fx-10.0"); err != nil {
		t.Error(err)
	}
	cfg = parsed(t, libvirtOlder)
	if cfg.Memory.Size != 64<<20 || len(cfg.FDs) != 1 || cfg.Objects[0].Type != "secret" {
		t.Errorf("older: %+v", cfg)
	}
}

func TestLibvirtOurs(t *testing.T) {
	cfg := parsed(t, libvirtOurs)
	m := cfg.Machine
	if m.Type != "qmpmigrate-1.0" || m.MemoryBackend != "memtest.ram" || cfg.Memory.Size != 64<<20 || cfg.SMP.CPUs != 2 {
		t.Errorf("%+v", cfg)
	}
	// What the user adds himself joins what libvirt wrote.
	if got := m.Props.String("workload", "") + m.Props.String("rate", ""); got != "stress1M" {
		t.Errorf("properties %s", got)
	}
	if err := m.Props.Finish(m.Type); err != nil {
		t.Error(err)
	}
}

func TestProxmox(t *testing.T) {
	cfg := parsed(t, proxmox)
	if got := monitors(cfg); got != "qmp( on qmp unix:DIR/109.qmp) qmp( on qmp-event unix:DIR/qmeventd.sock)" {
		t.Errorf("monitors %s", got)
	}
	if c := cfg.QMP[1].Chardev; c.Server || c.Reconnect.Seconds() != 5 || cfg.SMP.CPUs != 4 || cfg.Memory.Size != 8<<30 {
		t.Errorf("%+v %+v", c, cfg)
	}
	// Its -id is a patch of its own, and its older releases write bare switches.
	if got := refused(t, words("-id 109")); got != "PROG: -id: invalid option" {
		t.Error(got)
	}
	_, warnings, err := Parse("PROG", words("-chardev socket,id=qmp,path=DIR/109.qmp,server,nowait"))
	if err != nil || len(warnings) != 2 {
		t.Errorf("older: %v %v", warnings, err)
	}
}

func TestHarness(t *testing.T) {
	for _, line := range []string{
		harnessProbe, harnessSource, harnessTarget, harnessCPR, harnessDirtyLimit, harnessTraced,
	} {
		cfg := parsed(t, line)
		if cfg.Qtest == nil || cfg.Qtest.Path != "T/qtest-1.sock" || monitors(cfg) != "qmp( on char0 unix:T/qtest-1.qmp)" {
			t.Errorf("%s\nqtest %v, %s", line, cfg.Qtest, monitors(cfg))
		}
		if cfg.QMP[0].Chardev.Server {
			t.Error("the harness listens, we connect")
		}
	}
	cfg := parsed(t, harnessSource)
	if cfg.Machine.Type != "pc-q35-10.0" || cfg.Drives[0].File != "T/bootsect" || cfg.Serial[0].Chardev.Path != "T/src_serial" ||
		cfg.Memory.Size != 150<<20 || len(cfg.Accels) != 3 || cfg.Objects[0].ID != "mem0" {
		t.Errorf("source: %+v", cfg)
	}
	cfg = parsed(t, harnessCPR)
	if cfg.Memory.Size != 150<<20 || cfg.Machine.MemoryBackend != "pc.ram" || cfg.Machine.Type != "pc-q35-10.0" ||
		!strings.HasPrefix(incoming(cfg), "main<unix:T/migsocket> cpr<") {
		t.Errorf("cpr: %s %+v", incoming(cfg), cfg)
	}
}

func TestByHand(t *testing.T) {
	for _, line := range []string{
		"-nodefaults -display none -S -qmp unix:P,server=on,wait=off",
		"-qmp stdio",
		"-monitor stdio",
		"-chardev stdio,id=c -mon chardev=c,mode=control,pretty=on",
		"-M adopt -incoming unix:/tmp/in -qmp unix:/tmp/q,server=on,wait=off",
		"-machine memtest,workload=stress,rate=100,seed=7 -m 512 -smp 2 -serial file:/tmp/s -qmp tcp:127.0.0.1:4444,server,nowait",
		"-blockdev driver=qcow2,node-name=disk0,file.driver=file,file.filename=F -device virtio-blk-pci,drive=disk0",
		"-drive file=F,format=qcow2,if=none,id=d0,node-name=n0,file.locking=off,cache=none,snapshot=on,readonly=on",
		"F", "-hda F", "-drive driver=null-co,id=x",
	} {
		parsed(t, line)
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range []string{
		libvirtProbe, libvirtGuest, libvirtOlder, libvirtOurs, proxmox, harnessSource, harnessTarget, harnessCPR, harnessDirtyLimit,
		"-smp 2,maxcpus=8,threads=2 -boot strict=on -m 64,slots=2,maxmem=1G -set chardev.c.path=x", "-h", "-d help",
		"-serial mon:stdio -monitor none -qmp-pretty tcp::0,server,nowait -accel bogus -accel tcg",
		`-object {"qom-type":"authz-list","id":"l","rules":[{"match":"a*","policy":"allow"}]} -compat unstable-input=reject`,
	} {
		f.Add(strings.Join(words(line), "\n"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		args := strings.Split(text, "\n")
		cfg, warnings, err := Parse("PROG", args)
		if (cfg == nil) == (err == nil) {
			t.Fatalf("config %v, error %v", cfg, err)
		}
		if len(warnings) > len(text) {
			t.Fatalf("%d warnings for %d bytes", len(warnings), len(text))
		}
		if err != nil {
			failure, bad := errors.AsType[*Error](err)
			_, exit := errors.AsType[*Exit](err)
			if bad == exit {
				t.Fatalf("an error of no kind: %v", err)
			}
			if bad && (failure.Text == "" || !strings.HasPrefix(failure.Render("PROG"), "PROG")) {
				t.Fatalf("an error without text: %+v", failure)
			}
			return
		}
		if cfg.Memory.Size == 0 && cfg.Machine.MemoryBackend == "" || cfg.SMP.CPUs == 0 || cfg.SMP.CPUs > 4096 {
			t.Fatalf("impossible machine %+v %+v", cfg.Memory, cfg.SMP)
		}
		for _, m := range append(cfg.QMP, cfg.HMP...) {
			if m.Chardev == nil {
				t.Fatalf("monitor %q on nothing", m.ID)
			}
		}
		cfg.Machine.Props.Finish(cfg.Machine.Type)
	})
}

// Arguments as long as a system lets them be cost time and memory in proportion.
func TestLongArguments(t *testing.T) {
	const n = 128 << 10 // bytes; Linux takes no longer one
	fill := func(unit string) string { return strings.Repeat(unit, n/len(unit)) }
	var keys, indexes strings.Builder
	for i := range n / 12 {
		fmt.Fprintf(&keys, "k%d.a=1,", i)
		fmt.Fprintf(&indexes, "a.%d=,", i)
	}
	for _, args := range [][]string{
		{"-device", fill("a=b,")}, {"-chardev", fill(",")}, {"-chardev", fill("server,")}, {"-name", fill("a=")},
		{"-machine", keys.String()}, {"-machine", indexes.String()}, {"-machine", fill("a.")}, {"-machine", fill("x=,")},
		{"-object", "memory-backend-ram,id=m,size=1," + fill("host-nodes=0-999,")}, {"-m", fill("9")},
		{"-qmp", fill("unix:")}, {"-uuid", fill("a")}, {"-incoming", fill("{")}, {"-incoming", fill("a")},
		{"-d", fill("int,")}, {"-global", fill("a.")}, {"-blockdev", "raw,node-name=a," + keys.String()},
	} {
		allocs := testing.AllocsPerRun(1, func() { Parse("PROG", args) })
		if allocs > 2*n {
			t.Errorf("%s %.20q...: %.0f allocations", args[0], args[1], allocs)
		}
	}
}
