package cmdline

// readCommon accepts the properties that tools set on any machine of QEMU. They have no effect here unless the machine
// reads them itself; switches among them are checked.
func (p *Props) readCommon() {
	for _, name := range [...]string{
		"usb", "graphics", "dump-guest-core", "mem-merge", "suppress-vmdesc", "aux-ram-share", "hmat", "nvdimm",
		"pit", "sata", "smbus", "hpet", "i8042", "fd-bootchk", "default-bus-bypass-iommu",
	} {
		p.Bool(name, false)
	}
	for _, name := range [...]string{"acpi", "smm", "vmport", "x-oem-id", "x-oem-table-id"} {
		p.String(name, "")
	}
	for _, name := range [...]string{
		"kernel", "initrd", "append", "dtb", "dumpdtb", "shim", "firmware", "pflash0", "pflash1", "memory-encryption",
		"confidential-guest-support", "kernel-irqchip", "max-ram-below-4g", "smbios-entry-point-type", "igvm-cfg",
	} {
		p.String(name, "")
	}
}
