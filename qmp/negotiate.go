package qmp

import (
	"context"
	"slices"

	"qmpmigrate/qapi"
)

// negotiation is the one command that a new client can call.
const negotiation = "qmp_capabilities"

// QMPCapabilities ends the negotiation of the session that the command came through.
func (s *Server) QMPCapabilities(ctx context.Context, args *qapi.QMPCapabilitiesArgs) error {
	session, ok := qapi.MonitorFrom(ctx).(*session)
	if !ok || session.negotiated {
		return qapi.ClassErrorf(qapi.CommandNotFound, "Capabilities negotiation is already complete, command ignored")
	}
	if session.monitor.config.NoOOB && slices.Contains(args.Enable, qapi.QMPCapabilityOOB) {
		return qapi.Errorf("Capability oob not available")
	}
	session.negotiated = true
	for _, capability := range args.Enable {
		if capability == qapi.QMPCapabilityOOB {
			session.oob = true
		}
	}
	return nil
}

// enter ends the negotiation by its successful reply.
func (s *session) enter(reply []byte) {
	s.listening = true
	s.monitor.server.events.add(s.out, reply)
	if s.oob {
		s.startQueue()
	}
}
