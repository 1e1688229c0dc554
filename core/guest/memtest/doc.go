// Package memtest is the built-in guest: real memory, a serial port, and vCPUs
// that are goroutines running a workload which writes the memory.
//
// A workload is a pure function of how many pages a vCPU has visited so far.
// That number is all that a vCPU is made of, so a migrated guest goes on with
// exactly the next visit, and what any page must hold can be told from outside
// the page.
package memtest
