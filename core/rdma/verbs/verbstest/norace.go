//go:build !race

package verbstest

const race = false
