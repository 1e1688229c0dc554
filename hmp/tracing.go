package hmp

import "qmpmigrate/qapi"

func traceCommands() table {
	return table{{
		name: "trace-event", args: parseArguments("name:s,option:b,vcpu:i?"), params: "name on|off [vcpu]",
		help: "changes status of a specific trace event (vcpu: vCPU to set, default is all)",
		run:  (*call).traceEvent, complete: completeTraceEvent,
	}}
}

func infoTraceCommands() table {
	return table{{
		name: "trace-events", args: parseArguments("name:s?,vcpu:i?"), params: "[name] [vcpu]",
		help: "show available trace-events & their state (name: event name pattern; vcpu: vCPU to query, default is any)",
		run:  (*call).infoTraceEvents, complete: completeTraceEvents,
	}}
}

func (c *call) traceEvent() error {
	ignore := true
	err := c.commands().TraceEventSetState(c.ctx, &qapi.TraceEventSetStateArgs{
		Name: c.args.text("name"), Enable: c.args.flag("option"), IgnoreUnavailable: &ignore,
	})
	return c.bare(err)
}

func (c *call) infoTraceEvents() error {
	pattern := "*"
	if name := given[string](c.args, "name"); name != nil {
		pattern = *name
	}
	events, err := c.commands().TraceEventGetState(c.ctx, &qapi.TraceEventGetStateArgs{Name: pattern})
	for _, e := range events {
		state := 0
		if e.State == qapi.TraceEventStateEnabled {
			state = 1
		}
		c.out.printf("%s : state %d\n", e.Name, state)
	}
	return c.bare(err)
}

// bare prints an error without the usual word before it.
func (c *call) bare(err error) error {
	if err != nil {
		c.out.printf("%s\n", qapi.AsError(err).Desc)
	}
	return nil
}

func completeTraceEvent(c *call, words []string) []string {
	switch len(words) {
	case 1:
		return c.traceEvents(words[0])
	case 2:
		return []string{"on", "off"}
	}
	return nil
}

func completeTraceEvents(c *call, words []string) []string {
	if len(words) == 1 {
		return c.traceEvents(words[0])
	}
	return nil
}

func (c *call) traceEvents(prefix string) (events []string) {
	list, _ := c.commands().TraceEventGetState(c.ctx, &qapi.TraceEventGetStateArgs{Name: prefix + "*"})
	for _, e := range list {
		events = append(events, e.Name)
	}
	return events
}
