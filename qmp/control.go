package qmp

import (
	"context"

	"qmpmigrate/qapi"
)

// QueryVersion tells what the greeting tells.
func (s *Server) QueryVersion(context.Context) (*qapi.VersionInfo, error) {
	return &s.config.Version, nil
}

// QueryCommands lists the whole table.
func (s *Server) QueryCommands(context.Context) ([]qapi.CommandInfo, error) {
	names := s.commands.names()
	list := make([]qapi.CommandInfo, len(names))
	for i, name := range names {
		list[i].Name = name
	}
	return list, nil
}

// Quit runs Config.Quit and then stops the server, so that the reply to quit is the last one.
func (s *Server) Quit(ctx context.Context) error {
	if s.config.Quit != nil {
		if err := s.config.Quit(ctx); err != nil {
			return err
		}
	}
	s.Stop()
	return nil
}
