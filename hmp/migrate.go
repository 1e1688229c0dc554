package hmp

import (
	"context"

	"qmpmigrate/qapi"
)

func migrateCommands() table {
	return table{
		{
			// -b and -i are those of QEMUs up to 9.0.
			name: "migrate", args: parseArguments("detach:-d,blk:-b!,inc:-i!,resume:-r,uri:s"), params: "[-d] [-r] uri",
			help: "migrate to URI (using -d to not wait for completion)\n\t\t\t -r to resume a paused postcopy migration",
			run:  (*call).migrate,
		},
		{name: "migrate_cancel", help: "cancel the current VM migration", run: (*call).migrateCancel},
		{
			name: "migrate_continue", args: parseArguments("state:s"), params: "state",
			help: "Continue migration from the given paused state", run: (*call).migrateContinue,
		},
		{
			name: "migrate_incoming", args: parseArguments("uri:s"), params: "uri",
			help: "Continue an incoming migration from an -incoming defer", run: (*call).migrateIncoming,
		},
		{
			name: "migrate_recover", args: parseArguments("uri:s"), params: "uri",
			help: "Continue a paused incoming postcopy migration", run: (*call).migrateRecover,
		},
		{name: "migrate_pause", help: "Pause an ongoing migration (postcopy-only)", run: plain(Commands.MigratePause)},
		{
			name: "migrate_start_postcopy",
			help: "Followup to a migration command to switch the migration to postcopy mode. The postcopy-ram capability" +
				" must be set on both source and destination before the original migration command .",
			run: plain(Commands.MigrateStartPostcopy),
		},
		{
			name: "x_colo_lost_heartbeat",
			help: "Tell COLO that heartbeat is lost,\n\t\t\ta failover or takeover is needed.",
			run:  plain(Commands.XCOLOLostHeartbeat),
		},
		{
			name:   "client_migrate_info",
			args:   parseArguments("protocol:s,hostname:s,port:i?,tls-port:i?,cert-subject:s?"),
			params: "protocol hostname port tls-port cert-subject",
			help:   "set migration information for remote display", run: (*call).clientMigrateInfo,
		},
	}
}

// migrate begins a migration, and without -d lets the monitor wait for it.
func (c *call) migrate() error {
	resume := c.args.flag("resume")
	uri := c.args.text("uri")
	args := &qapi.MigrateArgs{URI: &uri, Resume: &resume}
	begin := c.commands().Migrate
	if with := c.server.config.MigrateDisks; c.args.flag("blk") || c.args.flag("inc") {
		begin = func(ctx context.Context, args *qapi.MigrateArgs) error { return with(ctx, args, c.args.flag("inc")) }
	}
	err := begin(c.ctx, args)
	switch {
	case err != nil || c.args.flag("detach"):
		return err
	case c.monitor == nil:
		c.out.print("terminal does not allow synchronous migration, continuing detached\n")
		return nil
	}
	return c.monitor.suspendForMigration()
}

// migrateCancel says nothing, whether there was something to cancel or not.
func (c *call) migrateCancel() error {
	_ = c.commands().MigrateCancel(c.ctx)
	return nil
}

func (c *call) migrateContinue() error {
	state, err := enum(qapi.ParseMigrationStatus, c.args.text("state"))
	if err != nil {
		return err
	}
	return c.commands().MigrateContinue(c.ctx, &qapi.MigrateContinueArgs{State: state})
}

// migrateIncoming leaves the process alive when the migration fails, other than the command of QMP.
func (c *call) migrateIncoming() error {
	uri, exit := c.args.text("uri"), false
	return c.commands().MigrateIncoming(c.ctx, &qapi.MigrateIncomingArgs{URI: &uri, ExitOnError: &exit})
}

func (c *call) migrateRecover() error {
	return c.commands().MigrateRecover(c.ctx, &qapi.MigrateRecoverArgs{URI: c.args.text("uri")})
}

func (c *call) clientMigrateInfo() error {
	return c.commands().ClientMigrateInfo(c.ctx, &qapi.ClientMigrateInfoArgs{
		Protocol: c.args.text("protocol"), Hostname: c.args.text("hostname"),
		Port: given[int64](c.args, "port"), TLSPort: given[int64](c.args, "tls-port"),
		CertSubject: given[string](c.args, "cert-subject"),
	})
}
