package libvirt_test

import (
	"os"
	"slices"
	"testing"

	"qmpmigrate/tests/emulator"
)

var versions = []string{"9.0", "11.3"}

// wholeEnv, when it is set, has the script of migrations played with a real QEMU for each libvirt. Otherwise 11.3 plays
// only what 9.0 does not have.
const wholeEnv = "QMPMIGRATE_LIBVIRT_WHOLE"

// The script, with a real QEMU as the emulator: it is right where this passes.
func TestScriptWithQEMU(t *testing.T) {
	qemu := emulator.NeedQEMU(t, "10.0")
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			steps := slices.Concat(life, moves, stores, busy, furnished)
			if version == "11.3" && os.Getenv(wholeEnv) == "" {
				steps = slices.DeleteFunc(steps, func(s step) bool { return s.only == "" && !s.always })
			}
			newScene(t, version, kind{path: qemu.Path, machine: "pc", busy: "pc", begun: counting, verify: verifyCounters}).play(steps)
		})
	}
}

// The same script and the same domain, with qmpmigrate as the emulator.
func TestScript(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			ours := kind{path: os.Getenv("QMPMIGRATE_BINARY"), machine: "qmpmigrate", busy: "memtest",
				begun: verifyWorkload, verify: verifyWorkload}
			newScene(t, version, ours).play(slices.Concat(life, moves, stores, busy, furnished))
		})
	}
}
