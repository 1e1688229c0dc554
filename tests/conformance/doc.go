// Package conformance holds conversations with an emulator, and plays them against any emulator: QMP, the text
// monitor, whole migrations, and command lines that are refused. The same conversation with QEMU 7.2, QEMU 10.0
// and qmpmigrate shows where they differ; differences.txt lists every place with its reason.
//
// See docs/conformance.md for how to read, run and write the scripts.
package conformance
