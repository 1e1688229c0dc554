// Package machinetype lists the types of machines: their names, which QEMU's
// tools know, and what follows from a name.
package machinetype

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what a machine of some type really is.
type Kind int

const (
	// Memtest machines have the built-in guest. All pc types are such.
	Memtest Kind = iota
	// Adopt machines take whatever VM migrates in.
	Adopt
	// None machines have neither memory nor vCPUs: they answer questions.
	None
)

// Type is a type of machine.
type Type struct {
	Name        string // as it is in the stream
	Alias       string // another name for it, or empty
	Description string
	Kind        Kind
	PC          bool // one of QEMU's names
	Default     bool
	Deprecated  bool

	MaxCPUs    int
	HotPlugCPU bool
	NUMAMem    bool // -numa node,mem= is understood
	ACPI       bool
	CPU        string // the type of its vCPUs; empty where it has none
	RAM        string // the name of its RAM block; empty where it brings its own

	// Obeys: the built-in guest shuts down when its power button is pressed,
	// unless it is told otherwise.
	Obeys bool
	// Workload is what the built-in guest does until its user chooses a
	// workload, and Pace that workload's rate; empty for its own defaults.
	Workload, Pace string
}

// Names of the types that are this program's own.
const (
	MemtestName = "memtest"
	ManagedName = "qmpmigrate-1.0"
	AdoptName   = "adopt"
	NoneName    = "none"
)

// pcRAM is how the RAM block of every pc is called.
const pcRAM = "pc.ram"

// All lists the types as -machine help shows them.
func All() []Type {
	list := []Type{
		{Name: AdoptName, Kind: Adopt, ACPI: true, MaxCPUs: maxQ35, CPU: pcCPU,
			Description: "Takes the VM that migrates in, as it is, and never runs it"},
		{Name: MemtestName, Kind: Memtest, ACPI: true, MaxCPUs: maxPC, CPU: pcCPU, RAM: "memtest.ram", Default: true,
			Description: "Built-in guest that writes its memory and can prove what it wrote"},
		managed(),
	}
	list = append(list, family("pc-i440fx", "pc", "Standard PC (i440FX + PIIX, 1996)", i440fxCPUs)...)
	list = append(list, family("pc-q35", "q35", "Standard PC (Q35 + ICH9, 2009)", q35CPUs)...)
	return append(list, Type{Name: NoneName, Description: "empty machine", Kind: None, MaxCPUs: 1, RAM: "ram"})
}

// Find is the type called name, which may be an alias.
func Find(name string) (Type, bool) {
	for _, t := range All() {
		if name != "" && (t.Name == name || t.Alias == name) {
			return t, true
		}
	}
	return Type{}, false
}

// Help is what -machine help prints.
func Help() string {
	text := "Supported machines are:\n"
	for _, t := range All() {
		if t.Alias != "" {
			text += fmt.Sprintf("%-20s %s (alias of %s)\n", t.Alias, t.Description, t.Name)
		}
		text += fmt.Sprintf("%-20s %s", t.Name, t.Description)
		if t.Default {
			text += " (default)"
		}
		if t.Deprecated {
			text += " (deprecated)"
		}
		text += "\n"
	}
	return text
}

const (
	pcCPU = "qemu64-x86_64-cpu"
	maxPC = 255
	// maxQ35 is as many as any machine of QEMU's has.
	maxQ35 = 4096
)

// version is that of the QEMU whose machine a type is like: 8.1, 2.12, 4.0.1.
type version struct{ major, minor, patch int }

func (v version) String() string {
	if v.patch != 0 {
		return fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.patch)
	}
	return fmt.Sprintf("%d.%d", v.major, v.minor)
}

func (v version) atLeast(major, minor int) bool {
	return v.major > major || v.major == major && v.minor >= minor
}

// newest is the version that this program is like.
func newest() version { return version{major: 10} }

// versions are all that QEMU 10.0 knows, oldest first.
func versions() []version {
	var list []version
	for _, r := range []struct{ major, first, last int }{
		{2, 4, 12}, {3, 0, 1}, {4, 0, 2}, {5, 0, 2}, {6, 0, 2}, {7, 0, 2}, {8, 0, 2}, {9, 0, 2}, {10, 0, 0},
	} {
		for minor := r.first; minor <= r.last; minor++ {
			list = append(list, version{r.major, minor, 0})
		}
	}
	return list
}

// family is one type for each version, in the order of QEMU's list.
func family(prefix, alias, description string, cpus func(version) int) []Type {
	list := versions()
	if alias == "q35" { // had an update between two versions
		list = append(list, version{4, 0, 1})
	}
	var types []Type
	for _, v := range list {
		t := Type{
			Name: prefix + "-" + v.String(), Description: description, PC: true, Deprecated: !v.atLeast(7, 1),
			MaxCPUs: cpus(v), HotPlugCPU: true, NUMAMem: !v.atLeast(5, 1), ACPI: true, CPU: pcCPU, RAM: pcRAM,
		}
		if v == newest() {
			t.Alias = alias
		}
		types = append(types, t)
	}
	slices.SortFunc(types, func(a, b Type) int { return strings.Compare(b.Name, a.Name) })
	return types
}

func i440fxCPUs(version) int { return maxPC }

func q35CPUs(v version) int {
	switch {
	case v.atLeast(9, 0):
		return maxQ35
	case v.atLeast(8, 1):
		return 1024
	case v.atLeast(2, 8):
		return 288
	}
	return maxPC
}
