// Package emulator starts and drives emulators for tests and measurements: a program with QEMU's command
// line that talks QMP. Real QEMU and qmpmigrate are the same to it, so that whatever is tested with one
// pair can be tested with any other.
//
// Everything that waits takes a context and gives up by itself after a while, with an error that tells what
// it was waiting for. An Emulator belongs to the goroutine that started it; its Monitor may be used by
// several.
package emulator
