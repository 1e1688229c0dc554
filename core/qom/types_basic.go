package qom

import "qmpmigrate/qapi"

// basicTypes are the roots, accelerators and what machines are made of.
func basicTypes() Types {
	return Types{
		{Name: "object", Abstract: true, Properties: []qapi.ObjectPropertyInfo{
			property("type", "string", ""),
		}},
		{Name: "interface", Abstract: true},
		{Name: "user-creatable", Parent: "interface", Abstract: true},
		{Name: "container", Parent: "object"},
		{Name: "accel", Parent: "object", Abstract: true},
		{Name: "tcg-accel", Parent: "accel", Properties: []qapi.ObjectPropertyInfo{
			property("one-insn-per-tb", "bool", "Only put one guest insn in each translation block"),
			property("thread", "string", ""),
			property("tb-size", "int", "TCG translation block cache size"),
			property("split-wx", "bool", "Map jit pages into separate RW and RX regions"),
		}},
		{Name: "qtest-accel", Parent: "accel"},
		{Name: "device", Parent: "object", Abstract: true, Properties: []qapi.ObjectPropertyInfo{
			property("parent_bus", "link<bus>", ""),
			property("realized", "bool", ""),
			property("hotplugged", "bool", ""),
			property("hotpluggable", "bool", ""),
		}},
		{Name: "cpu", Parent: "device", Abstract: true, Properties: []qapi.ObjectPropertyInfo{
			property("memory", "link<memory-region>", ""),
			property("start-powered-off", "bool", ""),
		}},
		{Name: "x86_64-cpu", Parent: "cpu", Abstract: true},
		{Name: "qemu64-x86_64-cpu", Parent: "x86_64-cpu"},
		{Name: "migration", Parent: "device"},
		{Name: "chardev", Parent: "object", Abstract: true},
		{Name: "chardev-fd", Parent: "chardev", Abstract: true},
		{Name: "chardev-file", Parent: "chardev-fd"},
		{Name: "chardev-hub", Parent: "chardev"},
		{Name: "chardev-mux", Parent: "chardev"},
		{Name: "chardev-null", Parent: "chardev"},
		{Name: "chardev-pipe", Parent: "chardev-fd"},
		{Name: "chardev-pty", Parent: "chardev"},
		{Name: "chardev-ringbuf", Parent: "chardev"},
		{Name: "chardev-socket", Parent: "chardev", Properties: []qapi.ObjectPropertyInfo{
			property("connected", "bool", ""),
			property("addr", "SocketAddress", ""),
		}},
		{Name: "chardev-stdio", Parent: "chardev-fd"},
		{Name: "chardev-udp", Parent: "chardev"},
	}
}
