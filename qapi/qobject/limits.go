package qobject

// Limits on one top-level value, so that a peer cannot make the reader hold arbitrary amounts of memory.
const (
	maxNesting    = 1024     // braces and brackets open at once
	maxTokens     = 2 << 20  // tokens in one value
	maxTokenBytes = 64 << 20 // bytes of token text in one value, and in a single token

	// keepScratch is how much buffer a Parser keeps from one value to the next.
	keepScratch = 64 << 10
)
