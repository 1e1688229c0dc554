package main

import (
	"fmt"
	"strings"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core/disks"
)

// devicePlaces are the places in the tree of objects of the devices that a
// machine makes for drives.
type devicePlaces struct{ anonymous, onBoard int }

func newDevicePlaces(conf *cmdline.Config) *devicePlaces {
	p := &devicePlaces{onBoard: int(conf.SMP.CPUs)}
	for _, d := range conf.Devices {
		if d.ID == "" {
			p.anonymous++
		}
	}
	return p
}

// of is where the device of a drive is, empty where the drive has none of its own.
func (p *devicePlaces) of(d cmdline.Drive) string {
	switch d.If {
	case "virtio":
		p.anonymous++
		return fmt.Sprintf("/machine/peripheral-anon/device[%d]/virtio-backend", p.anonymous-1)
	case "ide", "floppy":
		p.onBoard++
		return fmt.Sprintf("/machine/unattached/device[%d]", p.onBoard-1)
	}
	return ""
}

// attachDevices gives the command line's devices the disks that they ask for.
func attachDevices(conf *cmdline.Config, set *disks.Set) error {
	anonymous := 0
	for _, d := range conf.Devices {
		place := d.ID
		if d.ID == "" {
			place = fmt.Sprintf("/machine/peripheral-anon/device[%d]", anonymous)
			anonymous++
		}
		device, ok := diskDevice(d, place)
		if !ok {
			continue
		}
		value, _ := d.Props.Get("drive")
		device.Drive, _ = value.(string)
		if device.Drive == "" {
			if device.CDROM || d.Driver == "floppy" {
				continue // it may be empty
			}
			return d.Where.Errorf("%s", noDrive(d.Driver))
		}
		if err := set.Attach(device); err != nil {
			return d.Where.Errorf("%v", err)
		}
	}
	return nil
}

// diskDevice is a device as its disk sees it; ok is false for those that have none.
func diskDevice(d cmdline.Device, place string) (device disks.Device, ok bool) {
	device = disks.Device{Type: d.Driver, Path: place}
	switch {
	case strings.HasPrefix(d.Driver, "virtio-blk"):
		if device.Type = "virtio-blk-device"; d.Driver != device.Type {
			if d.ID != "" {
				place = "/machine/peripheral/" + d.ID
			}
			device.Path = place + "/virtio-backend"
		}
	case d.Driver == "ide-hd", d.Driver == "scsi-hd", d.Driver == "nvme", d.Driver == "usb-storage", d.Driver == "floppy":
	case d.Driver == "ide-cd", d.Driver == "scsi-cd":
		device.CDROM = true
	default:
		return device, false
	}
	return device, true
}

// noDrive is what a device says that has no disk.
func noDrive(driver string) string {
	if driver == "ide-hd" {
		return "No drive specified"
	}
	return "drive property not set"
}
