package qmp

import (
	"maps"
	"slices"

	"qmpmigrate/qapi"
)

// commandTable finds commands by name.
type commandTable map[string]*qapi.Command

func (t commandTable) add(commands []qapi.Command) {
	for _, c := range commands {
		t[c.Name] = &c
	}
}

// names returns all names in alphabetical order.
func (t commandTable) names() []string { return slices.Sorted(maps.Keys(t)) }

// answer runs a request and appends the reply to b.
func (s *session) answer(b []byte, req *request) []byte {
	command, err := s.find(req)
	if err != nil {
		return appendError(b, err, req)
	}
	result, err := command.Call(s.ctx, req.args)
	if err != nil {
		return appendError(b, err, req)
	}
	return appendReturn(b, command, result, req, s.monitor.server.policy())
}

// find checks everything about a request except its arguments, in the order that clients may see.
func (s *session) find(req *request) (*qapi.Command, error) {
	if req.err != nil {
		return nil, req.err
	}
	if !s.negotiated && req.command != negotiation {
		return nil, qapi.ClassErrorf(qapi.CommandNotFound, "Expecting capabilities negotiation with '%s'", negotiation)
	}
	server := s.monitor.server
	command := server.commands[req.command]
	if command == nil {
		return nil, qapi.ClassErrorf(qapi.CommandNotFound, "The command %s has not been found", req.command)
	}
	err := server.policy().Admit(command.Features, qapi.CommandNotFound, "command", req.command)
	switch {
	case err != nil:
		return nil, err
	case req.oob && !command.AllowOOB:
		return nil, qapi.Errorf("The command %s does not support OOB", req.command)
	case !command.AllowPreconfig && server.preconfig.Load():
		return nil, qapi.Errorf("The command '%s' is permitted only after machine initialization has completed", req.command)
	}
	return command, nil
}
