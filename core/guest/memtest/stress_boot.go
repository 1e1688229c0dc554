package memtest

import (
	"context"

	"qmpmigrate/core/memory"
)

// bootChunk is how many pages are filled between two looks at the context; it
// is also what the system is asked to allocate at once, a huge page.
const bootChunk = 512

// boot gives every page its generation 0, from all cores. Pages that are zero
// then, and always were, are not touched.
func (s *stress) boot(ctx context.Context) error {
	mem, dense := s.ram.Bytes(), s.options.Fill == 100 && s.options.ZeroShare == 0
	return eachChunk(ctx, 0, s.ram.Pages(), bootChunk, func(_ int, first, end uint64) error {
		if dense && s.ram.Untouched(first, end-first) {
			if err := s.ram.MakeReady(first, end-first); err != nil {
				return err
			}
		}
		for n := first; n < end; n++ {
			p := pageAt(mem, n)
			full := !s.zeroAt(n, 0)
			if (full || s.ram.Populated(n)) && !s.ram.WaitWrite(n, memory.NoCPU, ctx.Done()) {
				return ctx.Err()
			}
			switch {
			case full:
				s.stamp(p, n, 0)
			case s.ram.Populated(n):
				*p = page{}
			default:
				continue
			}
			s.ram.MarkWritten(n)
		}
		return nil
	})
}
