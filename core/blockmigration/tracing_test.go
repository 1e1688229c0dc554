package blockmigration

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"qmpmigrate/core/block"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
)

// A disk's way can be followed; also that a piece of it cannot be read.
func TestTraces(t *testing.T) {
	for _, c := range []struct {
		options Options
		fail    error
		want    []string
	}{
		{Options{}, nil, []string{
			"migration_block_init_full blk_device_name=d", "migration_block_save mig_stage=setup submitted=0 transferred=0",
			"migration_block_state_pending pending=2097152",
			"migration_block_save mig_stage=iterate submitted=0 transferred=0", "migration_block_progression percent=50",
			"migration_block_save mig_stage=complete submitted=0 transferred=1", "migration_block_progression percent=100",
			"migration_block_save_complete",
		}},
		{Options{}, errors.New("bad sector"), []string{
			"migration_block_init_full blk_device_name=d", "migration_block_save mig_stage=setup submitted=0 transferred=0",
			"migration_block_state_pending pending=2097152",
			"migration_block_save mig_stage=iterate submitted=0 transferred=0", "migration_block_save_device_dirty sector=0",
			"migration_block_save mig_stage=complete submitted=0 transferred=0", "migration_block_save_device_dirty sector=0",
		}},
		{Options{Incremental: true}, nil, []string{
			"migration_block_init_shared blk_device_name=d", "migration_block_save mig_stage=setup submitted=0 transferred=0",
			"migration_block_state_pending pending=2097152",
			"migration_block_save mig_stage=iterate submitted=0 transferred=0", "migration_block_progression percent=50",
			"migration_block_save mig_stage=complete submitted=0 transferred=1", "migration_block_progression percent=100",
			"migration_block_save_complete",
		}},
	} {
		g := &block.Graph{}
		disk := drive(t, g, "d", 2<<20)
		write(t, g, "d", 0, 1)
		s := NewSaver(g, &Stats{}, c.options)
		var lines []string
		set := trace.NewSet(trace.Lines(func(line string) { lines = append(lines, line) }))
		if err := set.Switch("*", true); err != nil {
			t.Fatal(err)
		}
		s.TraceTo(set)
		w := stream.NewWriter(io.Discard)
		if err := s.Start(w, time.Time{}); err != nil {
			t.Fatal(err)
		}
		s.Pending()
		disk.Fail = c.fail
		room := int64(1)
		for _, err := range []error{s.Iterate(w, func() int64 { room--; return room + 1 }), s.Complete(w)} {
			if !errors.Is(err, c.fail) {
				t.Error(err)
			}
		}
		s.Close()
		if !slices.Equal(lines, c.want) {
			t.Errorf("told\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(c.want, "\n"))
		}
	}
}
