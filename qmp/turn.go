package qmp

import "context"

// Exclusively runs f like an in-band command: not while another one runs. It fails with ErrStopped, or with the
// context's error, when f was not run. It must not be called from within a command.
func (s *Server) Exclusively(ctx context.Context, f func()) error {
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer s.leaveTurn()
	f()
	return nil
}

// takeTurn waits until no other in-band command runs. Those who wait are served in the order in which they came,
// which makes it a round over the sessions, because each has one command waiting at most.
func (s *Server) takeTurn(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
	case <-s.stopping:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-s.stopping: // both could be ready
		s.leaveTurn()
		return ErrStopped
	default:
		return nil
	}
}

func (s *Server) leaveTurn() { <-s.turn }
