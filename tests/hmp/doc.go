// Package hmp holds conversations with the text monitor and compares ours with QEMU's, byte for byte.
//
// A script in testdata says with # why it is there, and with "args" how the emulator is started. Each line that is typed
// comes after >, what QEMU 10.0 prints is indented below it, and what ours prints comes after ! where that is something
// else: then the reason stands above. go test -rewrite writes what was printed anew.
package hmp
