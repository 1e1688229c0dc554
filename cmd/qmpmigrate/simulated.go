package main

import (
	"fmt"
	"slices"
	"strings"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core/device/vfiosim"
	"qmpmigrate/core/guest"
	"qmpmigrate/qapi"
)

// simulatedDevices makes those of the command line's devices that are there in
// more than name, and gives the reasons for which they cannot be migrated.
func simulatedDevices(conf *cmdline.Config, events qapi.EventSink, report func(string)) (list []guest.Device, blockers []string, err error) {
	pairs, err := pairCards(conf, events, report)
	if err != nil {
		return nil, nil, err
	}
	list = pairs.devices()
	anonymous := 0
	instances := map[string]uint32{}
	for _, d := range conf.Devices {
		if d.Driver != vfiosim.TypeName {
			if d.ID == "" {
				anonymous++
			}
			continue
		}
		if pairs.primaries[d.ID] {
			// It is not there when the guest moves.
			if _, err := vfioOptions(d.Options(), &vfiosim.Config{}, nil); err != nil {
				return nil, nil, d.Where.Errorf("%s", err)
			}
			continue
		}
		c := vfiosim.Config{ID: d.ID, Report: report, QOMPath: "/machine/peripheral/" + d.ID}
		if d.ID == "" {
			c.QOMPath = fmt.Sprintf("/machine/peripheral-anon/device[%d]", anonymous)
			anonymous++
		}
		blocked, err := vfioOptions(d.Options(), &c, events)
		if err != nil {
			return nil, nil, d.Where.Errorf("%s", err)
		}
		if blocked {
			blockers = append(blockers, fmt.Sprintf("%s: Migration is disabled for VFIO device", c.Name()))
			continue
		}
		c.Instance = instances[c.Path]
		instances[c.Path]++
		device, err := vfiosim.New(c)
		if err != nil {
			return nil, nil, d.Where.Errorf("%s", err)
		}
		list = append(list, device)
	}
	return list, blockers, nil
}

// vfioOptions reads the properties of a simulated passed-through device.
func vfioOptions(p *cmdline.Props, c *vfiosim.Config, events qapi.EventSink) (blocked bool, err error) {
	c.StateSize = p.Size("state-size", 300<<20)
	c.InitialSize = p.Size("initial-size", min(1<<20, c.StateSize))
	c.Prepare = p.Duration("prepare", 0)
	c.LoadBandwidth = p.Size("load-bandwidth", 0)
	c.DirtyRate = p.Size("dirty-rate", 0)
	c.Precopy = map[string]vfiosim.Precopy{
		"on": vfiosim.PrecopyAll, "initial": vfiosim.PrecopyInitial, "off": vfiosim.PrecopyNone,
	}[p.Enum("precopy", "on", "on", "initial", "off")]
	c.Fault = vfiosim.Fault(slices.Index(vfiosim.FaultNames(), p.Enum("x-fault", "none", vfiosim.FaultNames()...)))
	c.Path = devicePath(p.String("addr", ""), c.ID)
	if p.Bool("migration-events", false) {
		c.Events = events
	}
	// A device that is to be unplugged, and has no card to stand in for it, cannot move.
	blocked = p.String("failover_pair_id", "") != ""
	p.Duration("unplug-time", 0)
	blocked = p.Enum("enable-migration", "auto", "on", "off", "auto") == "off" || blocked
	return blocked, p.FinishDevice(vfiosim.TypeName)
}

// devicePath is where a device is: its slot on the bus where the user gave one,
// or its id, so that both ends of a migration call it the same.
func devicePath(addr, id string) string {
	if addr == "" {
		return id
	}
	slot, function, ok := strings.Cut(addr, ".")
	if !ok {
		function = "0"
	}
	return fmt.Sprintf("0000:00:%02s.%s", slot, function)
}

// noSimulatedDevices refuses them on a machine that has no place for them.
func noSimulatedDevices(conf *cmdline.Config) error {
	for _, d := range conf.Devices {
		if d.Driver == vfiosim.TypeName {
			e := d.Where.Errorf("No 'PCI' bus found for device '%s'", d.Driver)
			e.Hints = []string{"Only a machine whose guest runs here (memtest) has simulated devices."}
			return e
		}
	}
	return nil
}

// deviceModels is what -device help prints.
func deviceModels(string) string {
	return fmt.Sprintf("name %q, desc \"simulated passed-through device, to be migrated\"\n", vfiosim.TypeName) +
		fmt.Sprintf("name %q, desc \"with failover=on: stands in for a device with its id as failover_pair_id\"\n", cardModel)
}

// deviceProperties is what -device MODEL,help prints.
func deviceProperties(model string) string {
	if model != vfiosim.TypeName {
		return "There are no options for " + model + ".\n"
	}
	text := model + " options:\n"
	for _, o := range [][2]string{
		{"addr=<str>", "Slot and optional function number, example: 06.0 or 06 (default: the section is named by id)"},
		{"dirty-rate=<size>", "Bytes of its state that it changes in a second (default: 0)"},
		{"enable-migration=<OnOffAuto>", "on/off/auto (default: \"auto\")"},
		{"failover_pair_id=<str>", "id of the virtio-net-pci,failover=on that stands in for it while the guest moves"},
		{"initial-size=<size>", "Bytes of its state without which it cannot make ready (default: 1M)"},
		{"load-bandwidth=<size>", "Bytes of its state that it takes in a second, 0 for any (default: 0)"},
		{"migration-events=<bool>", "on/off (default: false)"},
		{"precopy=<on|initial|off>", "What it gives away while it runs (default: on)"},
		{"prepare=<time>", "Time that it takes to make ready at a destination (default: 0)"},
		{"state-size=<size>", "Bytes of its state (default: 300M)"},
		{"unplug-time=<time>", "Time that the guest takes to let go of it (default: 0)"},
		{"x-fault=<" + strings.Join(vfiosim.FaultNames(), "|") + ">", "What it does wrong (default: none)"},
	} {
		text += fmt.Sprintf("  %-30s - %s\n", o[0], o[1])
	}
	return text
}
