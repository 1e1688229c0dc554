package cmdline

import "qmpmigrate/core/machinetype"

// readCommon accepts the properties that tools set on QEMU's machines: those of a type that has QEMU's name, and those
// of any pc for this program's own types. They have no effect here unless the machine reads them itself; their values
// are checked.
func (p *Props) readCommon(typeName string) {
	t, _ := machinetype.Find(typeName)
	list := t.Properties()
	if list == nil {
		pc, _ := machinetype.Find("pc")
		list = pc.Properties()
	}
	for _, known := range list {
		switch known.Type {
		case machinetype.Bool:
			p.Bool(known.Name, false)
		case machinetype.OnOffAuto:
			p.Enum(known.Name, "auto", "on", "off", "auto")
		case machinetype.Size:
			p.Size(known.Name, 0)
		case machinetype.Int:
			p.Int(known.Name, 0)
		case machinetype.Uint64:
			p.Uint(known.Name, 0)
		default:
			p.tree.take(known.Name)
		}
	}
	if t.Kind == machinetype.None {
		return
	}
	// What QEMU does not list.
	for _, name := range [...]string{"hmat", "nvdimm"} {
		p.Bool(name, false)
	}
	for _, name := range [...]string{"pflash0", "pflash1", "pcspk-audiodev", "kernel-irqchip", "igvm-cfg"} {
		p.String(name, "")
	}
}
