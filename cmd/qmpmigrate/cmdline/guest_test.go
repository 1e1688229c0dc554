package cmdline

import (
	"fmt"
	"strings"
	"testing"
)

func TestDevices(t *testing.T) {
	cfg := parsed(t, `-device virtio-blk-pci,drive=f0,id=d0 -device {"driver":"e1000e","id":"n0","mac":"x","n":1} -device usb-tablet`)
	var got []string
	for _, d := range cfg.Devices {
		got = append(got, fmt.Sprintf("%s/%s%s", d.Driver, d.ID, compact(d.Props)))
	}
	const want = `e1000e/n0{"driver": "e1000e", "id": "n0", "mac": "x", "n": 1} ` +
		`virtio-blk-pci/d0{"id": "d0", "driver": "virtio-blk-pci", "drive": "f0"} usb-tablet/{"driver": "usb-tablet"}`
	if strings.Join(got, " ") != want {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, " "), want)
	}
	checkBad(t, []badLine{
		{"-device ''", "@: Parameter 'driver' is missing"},
		{"-device id=x", "@: Parameter 'driver' is missing"},
		{"-device {}", "@: Parameter 'driver' is missing"},
		{`-device {"driver":1}`, "@: Invalid parameter type for 'driver', expected: string"},
		{"-device a,id=x -device b,id=x", "@: Duplicate ID 'x' for device"},
		{`-device {"driver":"a","id":"x"} -device b,id=x`, "@: Duplicate device ID 'x'"},
		{`-device {"driver":"a","id":"1x"}`, "@: Parameter 'id' expects an identifier\n" +
			"Identifiers consist of letters, digits, '-', '.', '_', starting with a letter."},
		{"-device {bad", "@: JSON parse error, invalid keyword 'bad'"},
	})
	if exit := printed(t, "-device help"); exit.Status != 0 || exit.Text == "" {
		t.Errorf("help: %+v", exit)
	}
}

func TestDrives(t *testing.T) {
	cfg := parsed(t, "first.img -hdb b -cdrom c -drive file=d,if=virtio,format=raw -drive file=e,if=none,id=d0,cache=none "+
		"-drive file=f,if=none -drive driver=null-co,if=scsi,index=8 -drive file=g,,h,werror=stop,discard=unmap,snapshot=on")
	var got []string
	for _, d := range cfg.Drives {
		got = append(got, fmt.Sprintf("%s:%s:%d.%d:%s:%s", d.ID, d.If, d.Place.Bus, d.Place.Unit, d.File, d.Format))
	}
	want := "ide0-hd0:ide:0.0:first.img: ide0-hd1:ide:0.1:b: ide1-cd0:ide:1.0:c: virtio0:virtio:0.0:d:raw d0:none:0.0:e: " +
		"none1:none:0.1:f: scsi1-hd1:scsi:1.1:: ide1-hd1:ide:1.1:g,h:"
	if strings.Join(got, " ") != want {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, " "), want)
	}
	if q35 := parsed(t, "-machine q35 -hda a -hdb b").Drives; q35[0].ID != "ide0-hd0" || q35[1].ID != "ide1-hd0" {
		t.Errorf("disks of a q35: %s, %s", q35[0].ID, q35[1].ID)
	}
	if all := parsed(t, "-snapshot -hda a -drive file=b,snapshot=off").Drives; !all[0].Temporary || all[1].Temporary {
		t.Errorf("-snapshot: %v, %v", all[0].Temporary, all[1].Temporary)
	}
	if o := cfg.Drives[0].Where; o.String() != "first.img" {
		t.Errorf("operand's place %q", o)
	}
	failure := cfg.Drives[0].Where.Errorf("Could not open '%s': %s", "first.img", "No such file or directory")
	if got := failure.Render("PROG"); got != "PROG: first.img: Could not open 'first.img': No such file or directory\n" {
		t.Errorf("operand's error %q", got)
	}
	checkBad(t, []badLine{
		{"-drive file=a,if=bogus", "@: unsupported bus type 'bogus'"},
		{"-drive file=a,cache=bogus", "@: invalid cache option"},
		{"-drive file=a,discard=bogus", "@: Invalid discard option"},
		{"-drive file=a,media=bogus", "@: 'bogus' invalid media"},
		{"-drive file=a,werror=bogus", "@: 'bogus' invalid write error action"},
		{"-drive file=a,rerror=bogus", "@: 'bogus' invalid read error action"},
		{"-drive file=a,snapshot=maybe", "@: Parameter 'snapshot' expects 'on' or 'off'"},
		{"-drive file=a,rerror=enospc", "@: 'enospc' invalid read error action"},
		{"-drive file=a,readonly=maybe", "@: Parameter 'read-only' expects 'on' or 'off'"},
		{"-drive file=a,cache.writeback=maybe", "@: Parameter 'cache.writeback' expects 'on' or 'off'"},
		{"-drive file=a,index=x", "@: Parameter 'index' expects a number"},
		{"-drive file=a,bus=x", "@: Parameter 'bus' expects a number"},
		{"-drive file=a,index=0,unit=0", "@: index cannot be used with bus and unit"},
		{"-drive file=a,unit=7", "@: unit 7 too big (max is 1)"},
		{"-hda a -drive file=b,index=0", "@: drive with bus=0, unit=0 (index=0) exists"},
		{"-hda a -hdb c -machine q35 -drive file=b,unit=1", "@: unit 1 too big (max is 0)"},
		{"-machine pc -drive file=a,index=4", "@: machine type does not support if=ide,bus=2,unit=0"},
		{"-machine q35 -drive file=a,index=6", "@: machine type does not support if=ide,bus=6,unit=0"},
		{"-machine pc -drive file=a,if=scsi", "@: machine type does not support if=scsi,bus=0,unit=0"},
		{"-machine pc -drive file=a,if=floppy,index=2", "@: machine type does not support if=floppy,bus=0,unit=2"},
		{"-machine pc -drive file=a,if=xen", "@: No 'xen-bus' bus found for device 'xen-disk'"},
		{"-drive file=a,id=x -drive file=b,id=x", "@: Duplicate ID 'x' for drive"},
	})
}

func TestBlockdevs(t *testing.T) {
	cfg := parsed(t, `-blockdev {"driver":"file","filename":"F","node-name":"s0","auto-read-only":true}
		-blockdev {"node-name":"f0","driver":"qcow2","file":"s0"}
		-blockdev driver=qcow2,node-name=d1,file.driver=file,file.filename=F,file.node-name=p1
		-blockdev raw,node-name=d2,file=p1`)
	var got []string
	for _, n := range cfg.BlockNodes {
		got = append(got, n.Driver+"/"+n.Name)
	}
	if want := "file/s0 qcow2/f0 qcow2/d1 raw/d2"; strings.Join(got, " ") != want {
		t.Errorf("nodes %v", got)
	}
	const null = "-blockdev null-co,node-name="
	checkBad(t, []badLine{
		{"-blockdev bogus", "@: Parameter 'driver' does not accept value 'bogus'"},
		{"-blockdev node-name=a", "@: Parameter 'driver' is missing"},
		{"-blockdev ''", "@: Parameter 'driver' is missing"},
		{"-blockdev file,node-name=a", "@: Parameter 'filename' is missing"},
		{"-blockdev null-co", "@: 'node-name' must be specified for the root node"},
		{null + "1bad", "@: Invalid node-name: '1bad'"},
		{null + strings.Repeat("n", 32), "@: Invalid node-name: '" + strings.Repeat("n", 32) + "'"},
		{null + "a " + null + "a", "@: Duplicate nodes with node-name='a'"},
		{"-blockdev raw,node-name=a,file=nope", "@: Cannot find device='nope' nor node-name='nope'"},
		{"-blockdev driver=qcow2,driver.y=1", "@: Parameters 'driver.*' used inconsistently"},
		{"-blockdev help", "@: Help is not available for this option"},
	})
}

func TestNetdevs(t *testing.T) {
	cfg := parsed(t, `-netdev user,id=n0,hostfwd.0.str=x -netdev {"type":"tap","id":"n1","fd":"30"} -net none -parallel none`)
	if len(cfg.Netdevs) != 2 || cfg.Netdevs[0].Type != "user" || cfg.Netdevs[1].ID != "n1" {
		t.Errorf("netdevs %+v", cfg.Netdevs)
	}
	checkBad(t, []badLine{
		{"-netdev bogus,id=x", "@: Parameter 'type' does not accept value 'bogus'"},
		{"-netdev user", "@: Parameter 'id' is missing"},
		{"-netdev id=x", "@: Parameter 'type' is missing"},
		{"-netdev user,id=1", "@: Parameter 'id' expects an identifier\n" +
			"Identifiers consist of letters, digits, '-', '.', '_', starting with a letter."},
		{"-netdev user,id=x -netdev tap,id=x", "@: Duplicate ID 'x' for netdev"},
		{"-net nic", "@: network device 'nic' is not available here, only 'none' is"},
		{"-parallel stdio", "@: parallel device 'stdio' is not available here, only 'none' is"},
	})
}

func TestDisplay(t *testing.T) {
	for line, want := range map[string]string{
		"": "", "-display none": "none", "-nographic": "none", `-display {"type":"gtk"}`: "gtk", "-display vnc=:1": "vnc",
		"-display gtk -nographic": "none",
	} {
		if got := parsed(t, line).Display; got != want {
			t.Errorf("%s: %q", line, got)
		}
	}
	checkBad(t, []badLine{
		{"-display bogus", "@: Parameter 'type' does not accept value 'bogus'"},
		{"-display ''", "@: Parameter 'type' is missing"},
	})
	if exit := printed(t, "-display help"); !strings.Contains(exit.Text, "none") {
		t.Errorf("help: %+v", exit)
	}
}

func TestRemembered(t *testing.T) {
	cfg := parsed(t, `-cpu qemu64,hypervisor=on -vga none -audiodev {"id":"a","driver":"none"} -numa node,memdev=m -rtc base=utc
		-vnc unix:/v,password=on -smbios type=1,uuid=77777777-abcd-4333-8444-555555555555 -kernel k`)
	var got []string
	for _, r := range cfg.Remembered {
		text := r.Option + "=" + r.Value
		if r.Props != nil {
			text = r.Option + compact(r.Props)
		}
		got = append(got, text)
	}
	const want = `vga=none audiodev{"id": "a", "driver": "none"} numa{"type": "node", "memdev": "m"} ` +
		`vnc=unix:/v,password=on smbios{"type": "1", "uuid": "77777777-abcd-4333-8444-555555555555"} kernel=k`
	if strings.Join(got, " ") != want || cfg.CPU != "qemu64,hypervisor=on" {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, " "), want)
	}
	checkBad(t, []badLine{
		{"-rtc foo=1", "@: Invalid parameter 'foo'"},
		{"-numa node,id=1", "@: Parameter 'id' expects an identifier\n" +
			"Identifiers consist of letters, digits, '-', '.', '_', starting with a letter."},
		{"-audiodev none,x", "@: Expected '=' after parameter 'x'"},
	})
}
