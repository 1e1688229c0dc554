package main

import (
	"context"
	"fmt"

	"qmpmigrate/tests/emulator"
)

// lanes moves memory on several channels at once.
func (s settings) lanes(ctx context.Context, dir string) (table, error) {
	var list []moving
	for _, n := range []int{2, 4} {
		w := laneWay(n, nil)
		list = append(list,
			moving{head: []string{fmt.Sprint(n), "cold"}, channel: emulator.TCP(), way: w, cold: true},
			moving{head: []string{fmt.Sprint(n), "preallocated"}, channel: emulator.TCP(), way: w, ready: true})
	}
	return s.moves(ctx, dir, noisy(), s.size, []string{"lanes over tcp", "destination memory"}, list)
}

// laneWay is multifd with n lanes.
func laneWay(n int, more map[string]any) way {
	parameters := map[string]any{"multifd-channels": n}
	for name, value := range more {
		parameters[name] = value
	}
	return way{capabilities: []string{"multifd"}, parameters: parameters}
}
