package hmp

import (
	"slices"
	"strings"

	"qmpmigrate/qapi"
)

func logCommands() table {
	return table{
		{
			name: "log", args: parseArguments("items:s"), params: "item1[,...]",
			help: "activate logging of the specified items", run: (*call).log,
		},
		{
			name: "logfile", args: parseArguments("filename:F"), params: "filename", help: "output logs to 'filename'",
			run: func(*call) error { return qapi.Errorf("command 'logfile' is not supported yet by this build") },
		},
	}
}

// log switches trace points on and off. The items that QEMU logs of what it emulates do not exist here.
func (c *call) log() error {
	items := c.args.text("items")
	if items == "none" {
		return nil
	}
	names := strings.Split(items, ",")
	known := func(name string) bool {
		return name == "all" || strings.HasPrefix(name, "trace:") || slices.ContainsFunc(logItems(), func(i logItem) bool { return i.name == name })
	}
	if i := slices.IndexFunc(names, func(name string) bool { return !known(name) }); i >= 0 {
		c.helpLog()
		return nil
	}
	for _, name := range names {
		pattern, isTrace := strings.CutPrefix(name, "trace:")
		if !isTrace {
			return qapi.Errorf("log item '%s' is not supported yet by this build", name)
		}
		if err := c.commands().TraceEventSetState(c.ctx, &qapi.TraceEventSetStateArgs{Name: pattern, Enable: true}); err != nil {
			return c.bare(err)
		}
	}
	return nil
}

func (c *call) helpLog() {
	c.out.print("Log items (comma separated):\n")
	for _, item := range logItems() {
		c.out.printf("%-15s %s\n", item.name, item.help)
	}
	c.out.print("trace:PATTERN   enable trace events\n\nUse \"log trace:help\" to get a list of trace events.\n\n")
}

// logItem is what QEMU can log.
type logItem struct{ name, help string }

func logItems() []logItem {
	return []logItem{
		{"none", "remove all logs"},
		{"out_asm", "show generated host assembly code for each compiled TB"},
		{"in_asm", "show target assembly code for each compiled TB"},
		{"op", "show micro ops for each compiled TB"},
		{"op_opt", "show micro ops after optimization"},
		{"op_ind", "show micro ops before indirect lowering"},
		{"op_plugin", "show micro ops before plugin injection"},
		{"int", "show interrupts/exceptions in short format"},
		{"exec", "show trace before each executed TB (lots of logs)"},
		{"cpu", "show CPU registers before entering a TB (lots of logs)"},
		{"fpu", "include FPU registers in the 'cpu' logging"},
		{"mmu", "log MMU-related activities"},
		{"pcall", "x86 only: show protected mode far calls/returns/exceptions"},
		{"cpu_reset", "show CPU state before CPU resets"},
		{"unimp", "log unimplemented functionality"},
		{"guest_errors", "log when the guest OS does something invalid (eg accessing a\nnon-existent register)"},
		{"page", "dump pages at beginning of user mode emulation"},
		{"nochain", "do not chain compiled TBs so that \"exec\" and \"cpu\" show\ncomplete traces"},
		{"plugin", "output from TCG plugins"},
		{"strace", "log every user-mode syscall, its input, and its result"},
		{"tid", "open a separate log file per thread; filename must contain '%d'"},
		{"vpu", "include VPU registers in the 'cpu' logging"},
		{"invalid_mem", "log invalid memory accesses"},
	}
}
