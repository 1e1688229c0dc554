package main

import (
	"context"
	"fmt"

	"qmpmigrate/tests/emulator"
)

// zlib and zstd move memory on lanes that compress it, with their usual level, 1.
func (s settings) zlib(ctx context.Context, dir string) (table, error) {
	return s.compressed(ctx, dir, "zlib", s.size/8)
}

func (s settings) zstd(ctx context.Context, dir string) (table, error) {
	return s.compressed(ctx, dir, "zstd", s.size/4)
}

func (s settings) compressed(ctx context.Context, dir, method string, size int64) (table, error) {
	w := laneWay(2, map[string]any{"multifd-compression": method})
	return s.moves(ctx, dir, halved(), size, []string{"compression, 2 lanes over tcp", "destination memory"}, []moving{
		{head: []string{fmt.Sprint(method, ", level 1"), "preallocated"}, channel: emulator.TCP(), way: w, ready: true}})
}
