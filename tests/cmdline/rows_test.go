package cmdline

func identity() []row {
	return []row{
		{line: "-name x,foo=1"},
		{line: "-name x,debug-threads=maybe"},
		{line: "-name guest=a,,b,process=p,debug-threads=on -accel tcg" + nowhere},
		{line: "-uuid 1"},
		{line: "-smbios type=1,uuid=x"},
		{line: "-smbios type=1,uuid=11111111-1111-1111-1111-111111111111" + nowhere},
		{line: "-uuid 11111111-1111-1111-1111-11111111111g"},
		{line: "-uuid 11111111-1111-1111-1111-111111111111 -accel tcg" + nowhere},
		{line: "-bogus"},
		{line: "--bogus"},
		{line: "-name"},
		{line: "-boot strict=maybe"},
		{line: "-boot foo=1"},
		{line: "-rtc foo=1"},
		{line: "-msg foo=1"},
		{line: "-display bogus"},
	}
}

func sizes() []row {
	return []row{
		{line: "-m x"}, {line: "-m -1"}, {line: "-m 1.5"}, {line: "-m 1KB"}, {line: "-m 0x80"}, {line: "-m 64,foo=1"},
		{line: "-m 64,slots=x"}, {line: "-m 64,slots=1"}, {line: "-m 64,maxmem=32M"}, {line: "-m 64,maxmem=64"},
		{line: "-m 64,slots=1,maxmem=64M"}, {line: "-m 99999999999999999999"},
		{line: "-m 0 -accel tcg" + nowhere}, {line: "-m 64M -accel tcg" + nowhere}, {line: "-m 1.5G -m 64 -accel tcg" + nowhere},
		{line: "-m size=65536k -accel tcg" + nowhere}, {line: "-m 64,slots=2,maxmem=1G -accel tcg" + nowhere},
	}
}

func topologies() []row {
	return []row{
		{line: "-accel tcg -smp x"}, {line: "-accel tcg -smp 0"}, {line: "-accel tcg -smp 1,foo=1"},
		{line: "-accel tcg -smp 1,cpus.x=1"}, {line: "-accel tcg -machine pc -smp 256"}, {line: "-accel tcg -machine q35 -smp 4097"},
		{line: "-accel tcg -machine pc-q35-2.7 -smp 256"}, {line: "-accel tcg -machine pc-q35-8.0 -smp 289"},
		{line: "-accel tcg -machine pc-q35-8.1 -smp 1025"}, {line: "-accel tcg -machine none -smp 2"},
		{line: "-accel tcg -smp 2,maxcpus=1"}, {line: "-accel tcg -smp 2,cores=2,threads=2"}, {line: "-accel tcg -smp 2,books=2"},
		{line: "-accel tcg -smp 3,sockets=2,cores=2"}, {line: "-accel tcg -smp sockets=0"},
		{line: "-accel tcg -smp 2" + nowhere}, {line: "-accel tcg -smp 2,maxcpus=4" + nowhere},
		{line: "-accel tcg -machine smp.cpus=3" + nowhere},
		{line: "-accel tcg -smp sockets=2,dies=2,modules=1,cores=1,threads=1" + nowhere},
	}
}

func machines() []row {
	return []row{
		{line: "-machine bogus"}, {line: "-machine pc-i440fx-11.0"}, {line: "-machine pc-i440fx-2.3"}, {line: "-machine pc,foo=1"},
		{line: "-machine pc,foo.bar=1"}, {line: "-machine q35,usb=maybe"}, {line: "-machine pc,vmport=maybe"},
		{line: "-machine pc,acpi=yes"}, {line: "-machine none,foo=1"}, {line: "-machine none,vmport=off"},
		{line: "-machine pc,graphics=x"}, {line: "-machine pc,max-ram-below-4g=x"}, {line: "-machine pc,phandle-start=x"},
		{line: "-machine q35,x-south-bridge=piix3"}, {line: "-machine pc-i440fx-8.2,mem-merge=1"},
		{line: "-machine pc,foo"}, {line: "-machine pc,.x=1"},
		{line: "-machine type.x=1", ours: "PROG: Parameters 'type.*' are unexpected\nexit status 1",
			why: "QEMU goes on with its default machine and trips over the property"},
		{line: "-machine memory-backend=x"},
		{line: "-object memory-backend-ram,id=m,size=64M -machine memory-backend=m -m 32"},
		{line: "-machine pc -accel tcg" + nowhere}, {line: "-machine q35, -accel tcg" + nowhere},
		{line: "-machine none -accel tcg" + nowhere}, {line: "-machine pc-i440fx-9.0 -accel tcg" + nowhere},
		{line: "-machine pc-i440fx-2.12 -accel tcg" + nowhere}, {line: "-machine pc-q35-4.0.1 -accel tcg" + nowhere},
		{line: "-machine pc -machine q35 -machine usb=off -accel tcg" + nowhere},
		{line: "-M pc,usb=off,dump-guest-core=off,vmport=off,mem-merge=off,graphics=off,hpet=off,pit=off -accel tcg" + nowhere},
		{line: "-machine q35,sata=off,smbus=off,suppress-vmdesc=on,x-oem-id=abc,kernel-irqchip=off -accel tcg" + nowhere},
		{line: "-object memory-backend-ram,id=m,size=64M -machine memory-backend=m -accel tcg" + nowhere},
		{line: "-machine aux-ram-share=on -machine pc -accel tcg" + nowhere},
		{line: "-machine microvm -accel tcg" + nowhere,
			ours: "PROG: unsupported machine type: \"microvm\"\nUse -machine help to list supported machines\nexit status 1",
			why:  "a microvm has no part in this program's tests of pcs"},
	}
}

// noKVM is what is said at a place of the command line where there is no KVM, and then.
func noKVM(place, then string) string {
	return place + ": Could not access KVM kernel module: No such file or directory\n" +
		place + ": failed to initialize kvm: No such file or directory\n" + then + "exit status 1"
}

// falls is what follows where there is another accelerator.
const falls = "PROG: falling back to tcg\nPROG: -incoming unix:/nonexistent/x: Failed to bind socket to /nonexistent/x: No such file or directory\n"

func accelerators() []row {
	return []row{
		{line: "-accel bogus"}, {line: "-accel bogus -accel bogus2"}, {line: "-machine pc,accel=bogus"},
		{line: "-accel bogus -accel tcg" + nowhere}, {line: "-machine none,accel=bogus:tcg" + nowhere},
		{line: "-accel tcg -machine accel=tcg"}, {line: "-accel tcg,foo=1"}, {line: "-accel tcg,thread=bogus"},
		{line: "-accel tcg,thread=single" + nowhere}, {line: "-accel tcg,tb-size=32,split-wx=off" + nowhere},
		{line: "-accel kvm", noKVM: noKVM("PROG: -accel kvm", "")}, {line: "-machine pc,accel=kvm", noKVM: noKVM("PROG", "")},
		{line: "-accel kvm -accel tcg" + nowhere, noKVM: noKVM("PROG: -accel kvm", falls)},
		{line: "-accel kvm,dirty-ring-size=3"},
		{line: "-accel kvm,dirty-ring-size=4096 -accel tcg" + nowhere,
			noKVM: noKVM("PROG: -accel kvm,dirty-ring-size=4096", falls)},
		{line: "-machine none,accel=kvm:tcg" + nowhere, noKVM: noKVM("PROG", falls)},
		{line: "-accel kvm -accel bogus", noKVM: noKVM("PROG: -accel kvm", "PROG: -accel bogus: invalid accelerator bogus\n"),
			ours: "PROG: -accel bogus: invalid accelerator bogus\n" + noKVM("PROG: -accel kvm", ""),
			why:  "the same words in another order: unknown names are found first"},
		{line: "-cpu qemu64 -accel tcg" + nowhere}, {line: "-cpu qemu64,hypervisor=on,lahf-lm=on -accel tcg" + nowhere},
	}
}

func disks() []row {
	return []row{
		{line: "-accel tcg -drive file=DIR/no"}, {line: "-accel tcg -hda DIR/no"}, {line: "-accel tcg DIR/no"},
		{line: "-accel tcg -drive file=DIR/no,if=none,id=x"}, {line: "-accel tcg -drive file=DIR,format=raw"},
		{line: "-accel tcg -blockdev driver=file,node-name=x,filename=DIR/no"},
		{line: "-accel tcg -blockdev driver=bogus,node-name=x"},
		{line: "-accel tcg -drive file=DIR/disk,id=a -drive file=DIR/disk,id=a"},
		{line: "-accel tcg -drive file=DIR/disk,if=bogus"}, {line: "-accel tcg -drive file=DIR/disk,media=bogus"},
		{line: "-accel tcg -drive if=none,id=x" + nowhere},
		{line: "-accel tcg -drive file=DIR/disk,format=raw,if=none,id=d0 -device ide-hd,drive=d0,secs=1,cyls=1,heads=1" + nowhere},
		{line: "-accel tcg -blockdev driver=raw,node-name=x,file.driver=file,file.filename=DIR/disk" + nowhere},
		{line: "-accel tcg -netdev bogus,id=x"}, {line: "-accel tcg -netdev user"},
		{line: "-accel tcg -netdev user,id=n0 -device virtio-net-pci,netdev=n0" + nowhere},
	}
}

func lifeCycle() []row {
	return []row{
		{line: "-action panic=bogus"}, {line: "-action reboot=bogus"}, {line: "-action shutdown=x"}, {line: "-action foo=1"},
		{line: "-watchdog-action bogus"},
		{line: "-action reboot=shutdown,shutdown=pause,panic=exit-failure,watchdog=none -accel tcg" + nowhere},
		{line: "-no-reboot -no-shutdown -S -accel tcg" + nowhere},
	}
}
