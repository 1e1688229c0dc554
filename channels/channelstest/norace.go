//go:build !race

package channelstest

const raceDetector = false
