package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core/block"
	"qmpmigrate/core/block/file"
	"qmpmigrate/core/disks"
)

// openDisks opens the disks that the command line describes. Those of a machine
// that waits for a migration are another's until it comes.
func openDisks(conf *cmdline.Config, stderr io.Writer, say func(string)) (*disks.Set, error) {
	graph := &block.Graph{}
	if len(conf.Incoming) > 0 {
		if err := graph.Inactivate(); err != nil {
			return nil, err
		}
	}
	set := disks.New(graph, func(text string) {
		// This one is QEMU's, which it prints as it is.
		if rest, ok := strings.CutPrefix(text, "warning: Image format"); ok {
			_, _ = io.WriteString(stderr, "WARNING: Image format"+rest+"\n")
			return
		}
		say(text)
	})
	for _, n := range conf.BlockNodes {
		options, err := disks.Options(n.Props, n.Text)
		if err == nil {
			err = set.BlockdevAdd(context.Background(), options)
		}
		if err != nil {
			return nil, refused(n.Where, err)
		}
	}
	where := newDevicePlaces(conf)
	for _, d := range conf.Drives {
		if err := openDrive(set, d, where.of(d), say); err != nil {
			return nil, refused(d.Where, err)
		}
	}
	return set, attachDevices(conf, set)
}

// refused is an error of a disk, with its second line where it has one.
func refused(where cmdline.Origin, err error) error {
	e := where.Errorf("%v", err)
	if lock, ok := errors.AsType[*file.LockError](err); ok {
		e.Hints = []string{lock.Hint()}
	}
	return e
}

func openDrive(set *disks.Set, d cmdline.Drive, device string, say func(string)) error {
	if d.Format != "" && !cmdline.KnownBlockDriver(d.Format) {
		return cmdline.Origin{}.Errorf("Unknown driver '%s'", d.Format)
	}
	media, _ := d.Props.Get("media")
	cdrom := media == "cdrom"
	keys, limited, err := disks.Throttling(d.Props)
	if err != nil {
		return err
	}
	if limited {
		say(fmt.Sprintf("warning: drive '%s': its limits have no effect here", d.ID))
	}
	accounting, err := disks.AccountingOf(keys)
	if err != nil {
		return err
	}
	if accounting.Intervals > 0 {
		say(fmt.Sprintf("warning: drive '%s': no averages are formed here", d.ID))
	}
	options, err := disks.DriveOptions(keys, cdrom)
	if err != nil {
		return err
	}
	return set.AddDrive(disks.Drive{
		ID: d.ID, Bus: d.If, CDROM: cdrom, Device: device, Writethrough: disks.Writethrough(keys), Temporary: d.Temporary,
		IgnoreInvalid: accounting.IgnoreInvalid, IgnoreFailed: accounting.IgnoreFailed, Options: options,
	})
}
