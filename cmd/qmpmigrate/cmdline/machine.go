package cmdline

import (
	"fmt"

	"qmpmigrate/core/machinetype"
	"qmpmigrate/qapi/qobject"
)

// Machine is -machine: which kind of machine, and the properties that its kind understands.
type Machine struct {
	Type          string // its name, not an alias; one that is not in machinetype is for the caller to refuse
	MemoryBackend string // id of the -object that is the RAM; empty: the machine makes its own
	Props         *Props // everything else
}

// Unsupported is the error for a machine type that the caller does not know.
func (m Machine) Unsupported() *Error {
	e := fail("unsupported machine type: \"%s\"", m.Type)
	e.Hints = []string{"Use -machine help to list supported machines"}
	return e
}

// machineOption is -machine. Its keys merge with those of earlier ones and of -smp and -boot.
func machineOption(r *run, value string) error {
	tree, help, err := ParseKeyval(value, "type")
	if err != nil {
		return err
	}
	if help {
		if name, ok := tree.Get("type"); ok {
			return &Exit{Topic: TopicMachineProperties, Subject: fmt.Sprint(name)}
		}
		return &Exit{Text: machinetype.Help()}
	}
	return merge(r.machine, tree, "")
}

// machinePart is an option such as -smp that is short for -machine's keys under a prefix.
func machinePart(name, implied string) func(*run, string) error {
	return func(r *run, value string) error {
		tree, help, err := ParseKeyval(value, implied)
		if err != nil {
			return err
		}
		if help {
			return &Exit{Text: machinePartHelp(name)}
		}
		whole := qobject.NewDict()
		whole.Set(name, tree)
		return merge(r.machine, whole, "")
	}
}

// resolveMachine splits the merged keys into the machine's type and its properties.
func (r *run) resolveMachine() error {
	t := newTree(r.machine, true)
	m := &r.cfg.Machine
	if name, ok := t.string("type"); ok {
		m.Type = name
		if known, ok := machinetype.Find(name); ok {
			m.Type = known.Name
		}
	}
	m.MemoryBackend, _ = t.string("memory-backend")
	r.machineAccel, _ = t.string("accel")
	r.parts = machineParts{t.object("smp"), t.object("memory"), t.object("boot")}
	m.Props = &Props{tree: t}
	return *t.err
}

// machineParts are the structured properties of a machine; nil for one that was not given.
type machineParts struct{ smp, memory, boot *tree }

// resolveParts reads the structured properties.
func (r *run) resolveParts() error {
	if err := r.resolveSMP(r.parts.smp); err != nil {
		return err
	}
	if err := r.resolveMemory(r.parts.memory); err != nil {
		return err
	}
	return r.resolveBoot(r.parts.boot)
}
