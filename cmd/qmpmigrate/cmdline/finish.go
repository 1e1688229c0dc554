package cmdline

// finish checks what one option alone cannot tell, in the order in which a starting server would stumble over it.
func (r *run) finish() error {
	stages := []func() error{
		r.checkLifeCycle,
		r.applyGroups,
		r.resolveMachine,
		r.checkObjects,
		r.resolveChardevs,
		r.resolveParts,
		r.resolveAccels,
		r.resolveMonitors,
		r.resolveSerials,
		r.resolveQtest,
		r.resolveDrives,
		r.resolveDevices,
	}
	for _, stage := range stages {
		r.at = Origin{} // each stage names the options it is about
		if err := stage(); err != nil {
			return err
		}
	}
	return nil
}

// checkLifeCycle refuses ways to start that exclude each other.
func (r *run) checkLifeCycle() error {
	c := r.cfg
	if len(c.Incoming) > 0 {
		last := c.Incoming[len(c.Incoming)-1]
		switch {
		case c.LoadVM != "":
			return fail("'incoming' and 'loadvm' options are mutually exclusive")
		case c.Preconfig && !last.Deferred():
			return fail("'preconfig' supports '-incoming defer' only")
		}
	}
	if c.LoadVM != "" && c.Preconfig {
		return fail("'preconfig' and 'loadvm' options are mutually exclusive")
	}
	return c.Log.checkTemplate()
}
