package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"qmpmigrate/tests/emulator"
)

// straight moves src to dst over tcp, with postcopy from the start, which is the moment that is returned.
func straight(ctx context.Context, src, dst *emulator.Emulator) (time.Time, error) {
	if err := emulator.TCP().Migrate(ctx, src, dst); err != nil {
		return time.Time{}, err
	}
	begin := time.Now()
	return begin, src.StartPostcopy(ctx)
}

// waitBoth waits until both ends are done; from is where src's events of this migration begin.
func waitBoth(ctx context.Context, src, dst *emulator.Emulator, from int) (emulator.Migration, error) {
	if err := waitCompleted(ctx, dst, 0); err != nil {
		return emulator.Migration{}, err
	}
	if err := waitCompleted(ctx, src, from); err != nil {
		return emulator.Migration{}, err
	}
	return src.QueryMigrate(ctx)
}

// waitPostcopy is waitBoth, and makes sure that it was postcopy.
func waitPostcopy(ctx context.Context, src, dst *emulator.Emulator, from int) (emulator.Migration, error) {
	m, err := waitBoth(ctx, src, dst, from)
	if err != nil {
		return m, err
	}
	for _, event := range src.Monitor.Events()[from:] {
		if strings.Contains(string(event.Data), `"postcopy-active"`) {
			return m, nil
		}
	}
	return m, fmt.Errorf("%s: it was done before postcopy began", src.Name)
}
