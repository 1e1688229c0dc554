package machinetype

// managed is the type for management tools such as libvirt, which know neither
// the properties of the built-in guest nor what to plug into a machine of this
// name, and therefore plug nothing: its guest obeys the power button, and writes
// so little that it can be moved over any link, and so that all it wrote can be verified.
func managed() Type {
	return Type{
		Name: ManagedName, Alias: "qmpmigrate", Kind: Memtest, ACPI: true, MaxCPUs: maxPC, CPU: pcCPU, RAM: "memtest.ram",
		Description: "The built-in guest as management tools need it",
		Obeys:       true, Workload: "stress", Pace: "512K",
	}
}
