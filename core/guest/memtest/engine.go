package memtest

import "sync/atomic"

// engine is where the vCPUs run. Its methods, but throttle, are for the
// goroutine that calls Start and Stop.
type engine interface {
	// start lets the vCPUs run on from where they are.
	start() error
	// stop returns when no vCPU touches memory any more; how far they came is
	// in their steps.
	stop()
	// throttle makes every vCPU rest for percent of the time, also before
	// start.
	throttle(percent uint32)
	// account is a vCPU's. It is valid until close.
	account(cpu int) *account
	// threads are the threads of the vCPUs. Any goroutine may ask.
	threads() []int
	// close ends it for good.
	close()
}

// controls are what running vCPUs share with whoever looks after them. They may
// be in memory that two processes share, so there are no pointers in them.
type controls struct {
	percent atomic.Uint32 // of the time is for rest
	asleep  atomic.Bool   // see power
	// The vCPUs that have dirty rings use them; harvests counts how often
	// these were to be emptied.
	counting atomic.Bool
	harvests atomic.Uint32
	fifo     fifo // of the serial port
}
