//go:build race

package channelstest

// RaceDetector: its bookkeeping counts as allocations and as mappings.
const RaceDetector = true
