package qom

import (
	"strings"

	"qmpmigrate/qapi"
)

// machineTypes are the types of machines that others extend.
func machineTypes() Types {
	return Types{
		{Name: "machine", Parent: "object", Abstract: true, Properties: []qapi.ObjectPropertyInfo{
			property("kernel", "string", "Linux kernel image file"),
			property("dt-compatible", "string", "Overrides the \"compatible\" property of the dt root node"),
			property("boot", "BootConfiguration", "Boot configuration"),
			property("memory", "MemorySizeConfiguration", "Memory size configuration"),
			property("initrd", "string", "Linux initial ramdisk file"),
			property("confidential-guest-support", "link<confidential-guest-support>", "Set confidential guest scheme to support"),
			property("aux-ram-share", "bool", ""),
			property("graphics", "bool", "Set on/off to enable/disable graphics emulation"),
			property("usb", "bool", "Set on/off to enable/disable usb"),
			property("firmware", "string", "Firmware image"),
			property("memory-encryption", "string", "Set memory encryption object to use"),
			property("dump-guest-core", "bool", "Include guest memory in a core dump"),
			property("smp", "SMPConfiguration", "CPU topology"),
			property("shim", "string", "shim.efi file"),
			property("smp-cache", "SmpCachePropertiesWrapper", "Cache properties list for SMP machine"),
			property("dumpdtb", "string", "Dump current dtb to a file and quit"),
			property("phandle-start", "int", "The first phandle ID we may generate dynamically"),
			property("memory-backend", "link<memory-backend>", "Set RAM backendValid value is ID of hostmem based backend"),
			property("mem-merge", "bool", "Enable/disable memory merge support"),
			property("dtb", "string", "Linux kernel device tree file"),
			property("append", "string", "Linux kernel command line"),
			property("suppress-vmdesc", "bool", "Set on to disable self-describing migration"),
		}},
		{Name: "x86-machine", Parent: "machine", Abstract: true},
		{Name: "generic-pc-machine", Parent: "x86-machine", Abstract: true},
		{Name: "none-machine", Parent: "machine"},
	}
}

// All are all types, with those of the machines of these names.
func All(machines ...string) Types {
	all := append(append(basicTypes(), objectTypes()...), machineTypes()...)
	for _, name := range machines {
		if all.find(name+"-machine") != nil {
			continue
		}
		parent := "machine"
		if strings.HasPrefix(name, "pc") {
			parent = "generic-pc-machine"
		}
		all = append(all, Type{Name: name + "-machine", Parent: parent})
	}
	return all
}
