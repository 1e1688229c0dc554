package emulator

import (
	"sync"
	"testing"
)

// lookAtSources does its work once in a process.
var lookAtSources = sync.OnceValue(dependOnSources)

// The functions of this file are for tests: they end the test when something is not as it must be.

// NeedQEMU returns a real QEMU; a missing one is a failure.
func NeedQEMU(t testing.TB, version string) Program {
	t.Helper()
	p, err := QEMU(version)
	Must(t, err)
	return p
}

// NeedServer returns qmpmigrate.
func NeedServer(t testing.TB) Program {
	t.Helper()
	Must(t, lookAtSources())
	p, err := Server(t.TempDir())
	Must(t, err)
	return p
}

// Launch starts an emulator that is stopped at the end of the test.
func Launch(t testing.TB, p Program, name string, args ...string) *Emulator {
	t.Helper()
	e, err := Start(t.Context(), p, name, args...)
	Must(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(e.autopsy())
		}
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// LaunchGuest starts a real QEMU with the test guest, see GuestArgs; extra are further arguments.
func LaunchGuest(t testing.TB, p Program, name, machine string, devices []string, extra ...string) *Emulator {
	t.Helper()
	args, err := GuestArgs(t.TempDir(), machine, devices...)
	Must(t, err)
	return Launch(t, p, name, append(args, extra...)...)
}

// Must ends the test if err is not nil.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
