package hmp

import (
	"strings"

	"qmpmigrate/qapi"
)

func announceCommands() table {
	return table{{
		name: "announce_self", args: parseArguments("interfaces:s?,id:s?"), params: "[interfaces] [id]",
		help: "Trigger GARP/RARP announcements", run: (*call).announceSelf,
	}}
}

// announceSelf announces as the parameters of the migration say.
func (c *call) announceSelf() error {
	p, err := c.commands().QueryMigrateParameters(c.ctx)
	if err != nil {
		return err
	}
	args := &qapi.AnnounceSelfArgs{
		Initial: milliseconds(p.AnnounceInitial), Max: milliseconds(p.AnnounceMax),
		Rounds: milliseconds(p.AnnounceRounds), Step: milliseconds(p.AnnounceStep),
		ID: given[string](c.args, "id"),
	}
	if interfaces := c.args.text("interfaces"); interfaces != "" {
		args.Interfaces = strings.Split(interfaces, ",")
	}
	return c.commands().AnnounceSelf(c.ctx, args)
}

func milliseconds(n *uint64) int64 {
	if n == nil {
		return 0
	}
	return int64(*n)
}
