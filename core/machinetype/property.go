package machinetype

import (
	"fmt"
	"strings"
)

// Property is a property of machines that QEMU's pc types have. None has an
// effect here; a tool that sets one must not fail for it.
type Property struct {
	Name string
	Type string // as -machine TYPE,help names it
	Help string // may be empty
}

// Of these types are properties checked, all others are taken as they are.
const (
	Bool      = "bool"
	OnOffAuto = "OnOffAuto"
	Size      = "size"
	Int       = "int"
	Uint64    = "uint64_t"
)

// Properties are those of a type that has QEMU's name, in the order of its help text.
func (t Type) Properties() []Property {
	if !t.PC && t.Kind != None {
		return nil
	}
	var list []Property
	for _, p := range properties() {
		bridge := p.Name == "x-south-bridge" && !strings.HasPrefix(t.Name, "pc-i440fx-")
		if t.PC && !bridge || p.every {
			list = append(list, p.Property)
		}
	}
	return list
}

// String is a line of the help text.
func (p Property) String() string {
	text := "  " + p.Name + "=<" + p.Type + ">"
	if p.Help != "" {
		text = fmt.Sprintf("%-24s - %s", text, p.Help)
	}
	return text
}

type property struct {
	Property
	every bool // also of the type none
}

func properties() []property {
	return []property{
		{Property{"acpi", OnOffAuto, "Enable ACPI"}, false},
		{Property{"append", "string", "Linux kernel command line"}, true},
		{Property{"aux-ram-share", Bool, ""}, true},
		{Property{"boot", "BootConfiguration", "Boot configuration"}, true},
		{Property{"bus-lock-ratelimit", Uint64, "Set the ratelimit for the bus locks acquired in VMs"}, false},
		{Property{"confidential-guest-support", "link<confidential-guest-support>",
			"Set confidential guest scheme to support"}, true},
		{Property{"default-bus-bypass-iommu", Bool, ""}, false},
		{Property{"dt-compatible", "string", `Overrides the "compatible" property of the dt root node`}, true},
		{Property{"dtb", "string", "Linux kernel device tree file"}, true},
		{Property{"dump-guest-core", Bool, "Include guest memory in a core dump"}, true},
		{Property{"dumpdtb", "string", "Dump current dtb to a file and quit"}, true},
		{Property{"fd-bootchk", Bool, ""}, false},
		{Property{"firmware", "string", "Firmware image"}, true},
		{Property{"graphics", Bool, "Set on/off to enable/disable graphics emulation"}, true},
		{Property{"hpet", Bool, "Enable/disable high precision event timer emulation"}, false},
		{Property{"i8042", Bool, "Enable/disable Intel 8042 PS/2 controller emulation"}, false},
		{Property{"initrd", "string", "Linux initial ramdisk file"}, true},
		{Property{"kernel", "string", "Linux kernel image file"}, true},
		{Property{"max-fw-size", Size, "Maximum combined firmware size"}, false},
		{Property{"max-ram-below-4g", Size, "Maximum ram below the 4G boundary (32bit boundary)"}, false},
		{Property{"mem-merge", Bool, "Enable/disable memory merge support"}, true},
		{Property{"memory-backend", "link<memory-backend>",
			"Set RAM backendValid value is ID of hostmem based backend"}, true},
		{Property{"memory-encryption", "string", "Set memory encryption object to use"}, true},
		{Property{"memory", "MemorySizeConfiguration", "Memory size configuration"}, true},
		{Property{"phandle-start", Int, "The first phandle ID we may generate dynamically"}, true},
		{Property{"pic", OnOffAuto, "Enable i8259 PIC"}, false},
		{Property{"pit", OnOffAuto, "Enable i8254 PIT"}, false},
		{Property{"sata", Bool, "Enable/disable Serial ATA bus"}, false},
		{Property{"sgx-epc", "SgxEPC", "SGX EPC device"}, false},
		{Property{"shim", "string", "shim.efi file"}, true},
		{Property{"smbios-entry-point-type", "str", "SMBIOS Entry Point type [32, 64]"}, false},
		{Property{"smbus", Bool, "Enable/disable system management bus"}, false},
		{Property{"smm", OnOffAuto, "Enable SMM"}, false},
		{Property{"smp-cache", "SmpCachePropertiesWrapper", "Cache properties list for SMP machine"}, true},
		{Property{"smp", "SMPConfiguration", "CPU topology"}, true},
		{Property{"suppress-vmdesc", Bool, "Set on to disable self-describing migration"}, true},
		{Property{"usb", Bool, "Set on/off to enable/disable usb"}, true},
		{Property{"vmport", OnOffAuto, "Enable vmport (pc & q35)"}, false},
		{Property{"x-oem-id", "string", "Override the default value of field OEMID in ACPI table header." +
			"The string may be up to 6 bytes in size"}, false},
		{Property{"x-oem-table-id", "string", "Override the default value of field OEM Table ID in ACPI table header." +
			"The string may be up to 8 bytes in size"}, false},
		{Property{"x-south-bridge", "PCSouthBridgeOption", "Use a different south bridge than PIIX3"}, false},
	}
}
