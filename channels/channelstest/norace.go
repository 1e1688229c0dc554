//go:build !race

package channelstest

// RaceDetector says whether the race detector is built in.
const RaceDetector = false
