package hmp

import "qmpmigrate/qapi"

func migrateOptionCommands() table {
	return table{
		{
			name: "migrate_set_capability", args: parseArguments("capability:s,state:b"), params: "capability state",
			help: "Enable/Disable the usage of a capability for migration", run: (*call).migrateSetCapability,
			complete: completeCapability,
		},
		{
			name: "migrate_set_parameter", args: parseArguments("parameter:s,value:s"), params: "parameter value",
			help: "Set the parameter for migration", run: (*call).migrateSetParameter,
			complete: first(names(qapi.MigrationParameterValues())),
		},
	}
}

func completeCapability(_ *call, words []string) []string {
	switch len(words) {
	case 1:
		return names(qapi.MigrationCapabilityValues())
	case 2:
		return []string{"on", "off"}
	}
	return nil
}

func (c *call) migrateSetCapability() error {
	capability, err := enum(qapi.ParseMigrationCapability, c.args.text("capability"))
	if err != nil {
		return err
	}
	return c.commands().MigrateSetCapabilities(c.ctx, &qapi.MigrateSetCapabilitiesArgs{
		Capabilities: []qapi.MigrationCapabilityStatus{{Capability: capability, State: c.args.flag("state")}},
	})
}

func (c *call) migrateSetParameter() error {
	name, err := enum(qapi.ParseMigrationParameter, c.args.text("parameter"))
	if err != nil {
		return err
	}
	p := new(qapi.MigrateSetParameters)
	v := parameterValue{name: string(name), text: c.args.text("value")}
	if v.store(name, p); v.err != nil {
		return v.err
	}
	return c.commands().MigrateSetParameters(c.ctx, p)
}
