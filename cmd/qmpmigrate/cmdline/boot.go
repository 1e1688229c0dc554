package cmdline

// Boot is -boot. Nothing boots here; it is kept for queries.
type Boot struct {
	Order, Once   string
	Menu, Strict  bool
	Splash        string
	SplashTime    int64 // ms
	RebootTimeout int64 // ms
}

// resolveBoot reads -boot.
func (r *run) resolveBoot(t *tree) error {
	if t == nil {
		return nil
	}
	b := &r.cfg.Boot
	b.Order, _ = t.string("order")
	b.Once, _ = t.string("once")
	b.Menu, _ = t.bool("menu")
	b.Splash, _ = t.string("splash")
	b.SplashTime, _ = t.int("splash-time")
	b.RebootTimeout, _ = t.int("reboot-timeout")
	b.Strict, _ = t.bool("strict")
	return t.finish()
}

// machinePartHelp lists the keys of -smp and -boot.
func machinePartHelp(name string) string {
	keys := map[string][]string{
		"smp": {
			"books=<num>", "clusters=<num>", "cores=<num>", "cpus=<num>", "dies=<num>", "drawers=<num>",
			"maxcpus=<num>", "modules=<num>", "sockets=<num>", "threads=<num>",
		},
		"boot": {
			"menu=<bool (on/off)>", "once=<str>", "order=<str>", "reboot-timeout=<num>", "splash=<str>",
			"splash-time=<num>", "strict=<bool (on/off)>",
		},
	}[name]
	text := name + "-opts options:\n"
	for _, k := range keys {
		text += "  " + k + "\n"
	}
	return text
}
