// Package channels is where the bytes of a migration go: TCP, UNIX and vsock sockets, descriptors that somebody else
// opened, commands and files. It knows nothing of what the bytes mean.
//
// ParseURI reads QEMU's migration URIs, Dial opens the outgoing end of an Address, Listen the incoming one. Errors are
// worded like QEMU 10.0's.
//
// # Sizes of calls
//
// What pays was measured between two processes on two processors, with memory far larger than the caches. On UNIX
// sockets 256 KiB in a call is enough on both sides, and 1 MiB the best choice for the writer. TCP wants more in a
// call: 1 MiB on both sides, up to 4 MiB if blocks are contiguous. Below 256 KiB the two sides wake each other too
// often. Eight-byte headers between pages of 4096 bytes cost a fifth of the throughput of contiguous blocks. Vectors
// longer than MaxVec are split, 1024 such buffers being 2 MiB of pages.
//
// The sub-packages record and fault wrap a Conn; channelstest holds the tests that every Conn has to pass.
package channels
