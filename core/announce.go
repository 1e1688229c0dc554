package core

import (
	"context"
	"slices"

	"qmpmigrate/core/announce"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

var _ qapi.NetCommands = (*Machine)(nil)

// AnnounceSelf is announce-self.
func (m *Machine) AnnounceSelf(_ context.Context, args *qapi.AnnounceSelfArgs) error {
	p := announce.Params{Initial: args.Initial, Max: args.Max, Rounds: args.Rounds, Step: args.Step,
		Interfaces: args.Interfaces}
	if args.ID != nil {
		p.ID = *args.ID
	}
	m.announce(p)
	return nil
}

// announce lets the network cards that are meant speak, in rounds. Names of
// cards that do not exist are accepted.
func (m *Machine) announce(p announce.Params) {
	cards, ok := m.hardware.(guest.Networked)
	if !ok {
		return
	}
	m.announcer.Start(p, func(p *announce.Params) {
		for _, card := range cards.Cards() {
			skip := p.Interfaces != nil && !slices.Contains(p.Interfaces, card)
			m.points.announces.Tell(trace.Str("id", p.ID), trace.Str("name", card), trace.Bool("skip", skip))
			if !skip {
				cards.Announce(card)
			}
		}
	})
}
