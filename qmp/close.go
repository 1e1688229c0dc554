package qmp

import "context"

// Close ends the server in good order: no further command starts, the one that runs ends and its reply and all events
// are delivered, then the connections and listeners are closed. It returns when everything has ended. When ctx is done
// earlier, waiting is cut short and its error returned; a command that does not heed its context may then still run.
func (s *Server) Close(ctx context.Context) error {
	s.Stop()
	err := s.settle(ctx)

	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()

	ended := make(chan struct{})
	go func() {
		s.running.Wait()
		s.events.endLimits()
		s.closeFDs()
		close(ended)
	}()
	select {
	case <-ended:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle waits for the running command and for clients to take what is meant for them.
func (s *Server) settle(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	s.mu.Lock()
	outputs := make([]*output, 0, len(s.sessions))
	for session := range s.sessions {
		outputs = append(outputs, session.out)
	}
	s.mu.Unlock()
	for _, out := range outputs {
		if err := out.wait(ctx, 0); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) closeFDs() {
	s.fdsets.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.monitors {
		m.fds.Close()
	}
}

// begin enters a serving call; each that succeeds is followed by a call of s.running.Done.
func (s *Server) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.stopping:
		return ErrStopped
	default:
	}
	if s.closed {
		return ErrStopped
	}
	s.running.Add(1)
	return nil
}

func (s *Server) addSession(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[session] = struct{}{}
}

func (s *Server) removeSession(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, session)
}
