package verbs

import "unsafe"

// Address is where memory is in this process: what its peers count in. Memory
// that was mapped, and a heap of Go's, stays there.
func Address(mem []byte) uint64 { return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(mem)))) }
