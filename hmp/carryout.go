package hmp

// carryOut runs a line, sends what it printed and shows the prompt. It tells whether the session goes on.
func (s *session) carryOut(line string) bool {
	c := s.call()
	// Where the turn is not granted the process ends.
	if s.monitor.server.config.Exclusively(s.life, func() { c.execute(line) }) != nil {
		return false
	}
	return s.write(c.out.take()) && !c.quit && s.resume()
}

// complete finds candidates for a line; they are looked up between commands, like anything that is asked for.
func (s *session) complete(line string) (candidates []string, typed int) {
	c := s.call()
	_ = s.monitor.server.config.Exclusively(s.life, func() { candidates, typed = c.candidates(line) })
	return candidates, typed
}

func (s *session) call() *call {
	return &call{shell: &s.monitor.shell, server: s.monitor.server, ctx: s.ctx, out: new(output)}
}

// resume shows the prompt, once the monitor takes input again. It tells whether the session goes on.
func (s *session) resume() bool {
	if waiting := s.monitor.wait(); waiting != nil {
		select {
		case <-waiting:
		case <-s.gone: // at the latest when the connection is closed
			return false
		}
	}
	return s.write(s.editor.Prompt())
}
