package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core"
	"qmpmigrate/hmp"
	"qmpmigrate/qapi"
	"qmpmigrate/qmp"
)

// textCommands are what lines of the text monitor end in: the rooms that QMP's commands have, too.
type textCommands struct {
	*core.Machine
	qapi.CharCommands
	qapi.BlockCommands
	qapi.FDCommands
	qmp *qmp.Server
}

// Quit is what QMP's quit is.
func (t textCommands) Quit(ctx context.Context) error { return t.qmp.Quit(ctx) }

// newHMP makes the text monitors' server. What it has to say later goes to stderr.
func (s *server) newHMP(prog string, stderr io.Writer) *hmp.Server {
	return hmp.New(hmp.Config{
		Version:     version(),
		Commands:    textCommands{Machine: s.machine, CharCommands: s.devices, BlockCommands: s.disks, FDCommands: s.qmp, qmp: s.qmp},
		ParseObject: parseObject,
		Globals:     func() hmp.Globals { return hmp.Globals(s.machine.Migration().Globals()) },
		ReadMemory:  s.machine.ReadPhys,
		DiskIO: func(name string, qdev bool, command string) error {
			return s.disks.IO(name, qdev, command, s.stdout)
		},
		Snapshots:   s.machine,
		Exclusively: s.qmp.Exclusively,

		MigrateDisks: s.machine.MigrateDisks,
		Report:       func(text string) { fmt.Fprintf(stderr, "%s: %s\n", prog, text) },
	})
}

// parseObject reads the arguments of object_add.
func parseObject(text string) (*qapi.ObjectOptions, error) {
	props, err := cmdline.ParseObject(text)
	if exit, ok := errors.AsType[*cmdline.Exit](err); ok {
		return nil, hmp.Help(exit.Text)
	}
	if e, ok := errors.AsType[*cmdline.Error](err); ok {
		return nil, &hmp.HintedError{Text: e.Text, Hints: e.Hints}
	}
	if err != nil {
		return nil, err
	}
	return qapi.DecodeObjectOptions(props)
}
