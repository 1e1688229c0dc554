package main

import (
	"context"

	"qmpmigrate/tests/emulator"
)

// mixed moves memory in which pages and zeros take turns, as in guests that do not use all of theirs.
func (s settings) mixed(ctx context.Context, dir string) (table, error) {
	return s.moves(ctx, dir, patchy(), s.size, []string{"channel", "destination memory"}, []moving{
		{head: []string{"tcp", "cold"}, channel: emulator.TCP(), cold: true},
		{head: []string{"tcp", "preallocated"}, channel: emulator.TCP(), ready: true},
	})
}
