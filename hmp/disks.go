package hmp

import (
	"fmt"

	"qmpmigrate/qapi"
)

func diskCommands() table {
	return table{{
		name: "qemu-io", args: parseArguments("qdev:-d,device:B,command:s"), params: "[-d] [device] \"[command]\"",
		help: "run a qemu-io command on a block device\n\t\t\t-d: [device] is a device ID rather than a drive ID or node name",
		run:  (*call).qemuIO,
	}}
}

func infoDiskCommands() table {
	return table{
		{
			name: "block", args: parseArguments("nodes:-n,verbose:-v,device:B?"), params: "[-n] [-v] [device]",
			help: "show info of one block device or all block devices (-n: show named nodes; -v: show details)",
			run:  (*call).infoBlock,
		},
		{name: "blockstats", help: "show block device statistics", run: (*call).infoBlockStats},
		{
			name: "block-jobs", help: "show progress of ongoing block device operations",
			run: (*call).infoBlockJobs,
		},
		{name: "snapshots", help: "show the currently saved VM snapshots", run: (*call).infoSnapshots},
	}
}

// qemuIO lets the process's standard output have what the command says, as QEMU does.
func (c *call) qemuIO() error {
	do := c.server.config.DiskIO
	if do == nil {
		return qapi.Errorf("command 'qemu-io' is not supported yet by this build")
	}
	return do(c.args.text("device"), c.args.flag("qdev"), c.args.text("command"))
}

// infoBlock shows the disks, and those nodes that are asked for.
func (c *call) infoBlock() error {
	device, nodes, verbose := given[string](c.args, "device"), c.args.flag("nodes"), c.args.flag("verbose")
	printed := false
	if !nodes {
		list, err := c.commands().QueryBlock(c.ctx)
		if err != nil {
			return err
		}
		for i := range list {
			if device != nil && *device != list[i].Device {
				continue
			}
			if i > 0 {
				c.out.print("\n")
			}
			c.showDisk(&list[i], list[i].Inserted, verbose)
			printed = true
		}
	}
	if device == nil && !nodes || printed {
		return nil
	}
	list, err := c.commands().QueryNamedBlockNodes(c.ctx, &qapi.QueryNamedBlockNodesArgs{})
	for i := range list {
		if device != nil && *device != *list[i].NodeName {
			continue
		}
		if i > 0 {
			c.out.print("\n")
		}
		c.showDisk(nil, &list[i], verbose)
	}
	return err
}

// showDisk shows a disk, of which there is more to say where a guest has it.
func (c *call) showDisk(info *qapi.BlockInfo, in *qapi.BlockDeviceInfo, verbose bool) {
	switch {
	case info != nil && info.Device != "" && in != nil:
		c.out.printf("%s (%s)", info.Device, *in.NodeName)
	case info != nil && info.Device != "":
		c.out.print(info.Device)
	case in != nil:
		c.out.print(*in.NodeName)
	case info.Qdev != nil:
		c.out.print(*info.Qdev)
	default:
		c.out.print("<anonymous>")
	}
	if in == nil {
		c.out.print(": [not inserted]\n")
	} else {
		c.out.printf(": %s (%s%s%s)\n", in.File, in.Drv, only(in.Ro, ", read-only"), only(!in.Active, ", inactive"))
	}
	if info != nil {
		c.showAttachment(info)
	}
	if in == nil {
		return
	}
	mode := "writethrough"
	if in.Cache.Writeback {
		mode = "writeback"
	}
	c.out.printf("    Cache mode:       %s%s%s\n", mode, only(in.Cache.Direct, ", direct"), only(in.Cache.NoFlush, ", ignore flushes"))
	if in.BackingFile != nil {
		c.out.printf("    Backing file:     %s (chain depth: %d)\n", *in.BackingFile, in.BackingFileDepth)
	}
	if in.DetectZeroes != qapi.BlockdevDetectZeroesOptionsOff {
		c.out.printf("    Detect zeroes:    %s\n", in.DetectZeroes)
	}
	if verbose {
		c.out.print("\nImages:\n")
		for image := &in.Image; image != nil; image = image.BackingImage {
			c.showImage(image)
		}
	}
}

func (c *call) showAttachment(info *qapi.BlockInfo) {
	if info.Qdev != nil {
		c.out.printf("    Attached to:      %s\n", *info.Qdev)
	}
	if info.IOStatus != nil && *info.IOStatus != qapi.BlockDeviceIoStatusOk {
		c.out.printf("    I/O status:       %s\n", *info.IOStatus)
	}
	if info.Removable {
		tray := "closed"
		if info.TrayOpen != nil && *info.TrayOpen {
			tray = "open"
		}
		c.out.printf("    Removable device: %slocked, tray %s\n", only(!info.Locked, "not "), tray)
	}
}

func (c *call) showImage(i *qapi.ImageInfo) {
	size := "unavailable"
	if i.ActualSize != nil {
		size = shortSize(*i.ActualSize)
	}
	c.out.printf("image: %s\nfile format: %s\nvirtual size: %s (%d bytes)\ndisk size: %s\n",
		i.Filename, i.Format, shortSize(i.VirtualSize), i.VirtualSize, size)
	if i.ClusterSize != nil {
		c.out.printf("cluster_size: %d\n", *i.ClusterSize)
	}
	if i.DirtyFlag != nil && *i.DirtyFlag {
		c.out.print("cleanly shut down: no\n")
	}
	if i.BackingFilename != nil {
		c.out.printf("backing file: %s", *i.BackingFilename)
		if full := i.FullBackingFilename; full == nil {
			c.out.print(" (cannot determine actual path)")
		} else if *full != *i.BackingFilename {
			c.out.printf(" (actual path: %s)", *full)
		}
		c.out.print("\n")
		if i.BackingFilenameFormat != nil {
			c.out.printf("backing file format: %s\n", *i.BackingFilenameFormat)
		}
	}
}

func only(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

// shortSize is a size with three digits and a unit.
func shortSize(n int64) string {
	units, value := []string{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"}, float64(n)
	i := 0
	for ; value >= 1000 && i < len(units)-1; i++ {
		value /= 1024
	}
	return fmt.Sprintf("%.3g %sB", value, units[i])
}
