package cmdline

import "qmpmigrate/qapi/scalar"

// Sandbox is -sandbox.
type Sandbox struct {
	Enabled   bool
	DenySpawn bool // no new processes: exec: migration fails
}

// RunWith is -run-with, and the older -runas and -chroot.
type RunWith struct {
	User, Chroot  string
	AsyncTeardown bool
}

// sandboxOption is -sandbox.
func sandboxOption(r *run, value string) error {
	o, err := r.group("sandbox").parse(value, r.at, r.warnFlag)
	if err != nil {
		return err
	}
	for _, name := range [...]string{"obsolete", "elevateprivileges", "spawn", "resourcecontrol"} {
		choice, ok := o.lookup(name)
		if ok && choice != "allow" && choice != "deny" && !(choice == "children" && name == "elevateprivileges") {
			return fail("invalid argument for %s", name)
		}
	}
	on := o.bool("enable", false)
	r.cfg.Sandbox = Sandbox{Enabled: on, DenySpawn: on && o.get("spawn") == "deny"}
	return nil
}

// runWithOption is -run-with.
func runWithOption(r *run, value string) error {
	o, err := r.group("run-with").parse(value, r.at, r.warnFlag)
	if err != nil {
		return err
	}
	w := &r.cfg.RunWith
	w.AsyncTeardown = o.bool("async-teardown", w.AsyncTeardown)
	if chroot, ok := o.lookup("chroot"); ok {
		w.Chroot = chroot
	}
	if user, ok := o.lookup("user"); ok {
		w.User = user
	}
	return nil
}

// overcommitOption is -overcommit.
func overcommitOption(r *run, value string) error {
	o, err := r.group("overcommit").parse(value, r.at, r.warnFlag)
	if err != nil {
		return err
	}
	lock, ok := o.lookup("mem-lock")
	if !ok {
		return nil
	}
	if on, ok := scalar.Bool(lock); ok {
		lock = "off"
		if on {
			lock = "on"
		}
	} else if lock != "on-fault" {
		return expects("mem-lock", "'on', 'off' or 'on-fault'")
	}
	r.cfg.MemLock = lock
	return nil
}

// applyGroups takes over the options whose repeats merge, once nothing can change them any more.
func (r *run) applyGroups() error {
	if o := r.group("name").last(); o != nil {
		r.cfg.Name = Name{
			Guest: o.get("guest"), Process: o.get("process"), DebugThreads: o.bool("debug-threads", false),
		}
	}
	if o := r.group("msg").last(); o != nil {
		r.cfg.Msg = Msg{Timestamp: o.bool("timestamp", false), GuestName: o.bool("guest-name", false)}
	}
	return r.applyMemory()
}
