package conformance

import "qmpmigrate/tests/emulator"

// A Side is an emulator that conversations are played against.
type Side struct {
	Tag     string // what its replies are marked with in scripts
	Program emulator.Program
	// Machine are the options for a small, stopped machine whose memory stays as it is. Common options that every
	// process of a conversation gets are added.
	Machine []string
}

// QEMU returns a real QEMU.
func QEMU(tag, version string) (Side, error) {
	p, err := emulator.QEMU(version)
	return Side{Tag: tag, Program: p, Machine: []string{"-accel", "tcg", "-machine", "pc"}}, err
}

// Ours returns qmpmigrate.
func Ours(p emulator.Program) Side {
	return Side{Tag: "ours", Program: p, Machine: []string{"-accel", "tcg", "-machine", "pc,workload=idle"}}
}

// common are the options of every process.
var common = []string{"-nodefaults", "-display", "none", "-m", "16", "-S"}
