package main

import (
	"runtime/debug"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/qapi"
)

// policy is what -compat says.
func policy(c cmdline.Compat) qapi.Policy {
	return qapi.Policy{
		DeprecatedInput: inputPolicy(c.DeprecatedInput),
		UnstableInput:   inputPolicy(c.UnstableInput),
		HideDeprecated:  c.DeprecatedOutput == "hide",
		HideUnstable:    c.UnstableOutput == "hide",
		Crash:           crash,
	}
}

func inputPolicy(name string) qapi.InputPolicy {
	switch name {
	case "reject":
		return qapi.RejectInput
	case "crash":
		return qapi.CrashInput
	}
	return qapi.AcceptInput
}

// crash ends the process by SIGABRT, with a core where the system keeps them: this is what was asked for.
func crash(reason string) {
	debug.SetTraceback("crash")
	panic(reason)
}
