//go:build race

package verbstest

// race: the detector's bookkeeping counts as allocations.
const race = true
