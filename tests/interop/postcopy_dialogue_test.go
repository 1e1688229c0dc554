package interop

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// What a source in postcopy tells and refuses, and what it tells when its link
// breaks, is what QEMU tells.
func TestPostcopyDialogue(t *testing.T) {
	both(t, func(d *dialogue) {
		d.start("-S")
		for _, e := range []*emulator.Emulator{d.src, d.dst} {
			emulator.Must(d, e.SetCapabilities(d.Context(), "postcopy-ram"))
		}
		emulator.Must(d, d.src.SetCapabilities(d.Context(), "pause-before-switchover"))
		emulator.Must(d, d.src.SetParameters(d.Context(), map[string]any{"max-bandwidth": 5000, "max-postcopy-bandwidth": 5000}))
		d.try(d.src, "migrate-start-postcopy", nil)
		d.try(d.src, "migrate-pause", nil)
		d.migrate()
		d.underWay()
		d.try(d.src, "migrate-pause", nil)
		d.try(d.src, "migrate-start-postcopy", nil)
		d.reach(d.src, "pre-switchover")
		d.try(d.src, "migrate-continue", map[string]any{"state": "pre-switchover"})
		d.reach(d.src, "postcopy-active")
		_, err := d.dst.WaitMigration(d.Context(), "postcopy-active")
		emulator.Must(d, err)
		d.try(d.src, "migrate_cancel", nil)
		d.try(d.src, "migrate-start-postcopy", nil)
		d.try(d.src, "migrate", map[string]any{"uri": "unix:nobody", "resume": true})
		d.try(d.src, "migrate", map[string]any{"uri": "unix:nobody"})
		d.instances(d.src)
		d.try(d.src, "migrate-pause", nil)
		d.reach(d.src, "postcopy-paused")
		d.try(d.src, "migrate-pause", nil)
		d.try(d.src, "migrate_cancel", nil)
		d.try(d.src, "migrate", map[string]any{"uri": "unix:nobody"})
		d.instances(d.src)
		d.try(d.src, "migrate", map[string]any{"uri": "fd:nothing", "resume": true})
		d.reach(d.src, "postcopy-paused")
		_, err = d.dst.WaitMigration(d.Context(), "postcopy-paused")
		emulator.Must(d, err)
		uri := "unix:" + d.dst.Dir + "/again"
		d.try(d.dst, "migrate-recover", map[string]any{"uri": uri})
		emulator.Must(d, d.src.SetParameters(d.Context(), map[string]any{"max-postcopy-bandwidth": 0}))
		d.try(d.src, "migrate", map[string]any{"uri": uri, "resume": true})
		d.reach(d.src, "completed")
		d.events(d.src)
	})
}
