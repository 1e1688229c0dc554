//go:build race

package channelstest

// raceDetector: its bookkeeping counts as allocations.
const raceDetector = true
