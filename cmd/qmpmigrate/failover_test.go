package main

import (
	"strings"
	"testing"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core/guest"
)

func TestFailoverPairs(t *testing.T) {
	for _, c := range []struct {
		name, args         string
		devices, primaries int
		blockers           string
		fails              string
	}{
		{name: "a pair", args: "virtio-net-pci,id=s0,failover=on,mac=x vfio-sim,id=p0,failover_pair_id=s0,unplug-time=2s,enable-migration=off",
			devices: 1, primaries: 1},
		{name: "two and another one", args: "virtio-net-pci,id=s0,failover=on vfio-sim,id=p0,failover_pair_id=s0 vfio-sim,id=v0 " +
			"virtio-net-pci,id=s1,failover=on vfio-sim,id=p1,failover_pair_id=s1", devices: 3, primaries: 2},
		{name: "an ordinary card", args: "virtio-net-pci,id=s0"},
		{name: "no card", args: "vfio-sim,id=p0,failover_pair_id=s0", blockers: "p0: Migration is disabled for VFIO device"},
		{name: "the card comes later", args: "vfio-sim,id=p0,failover_pair_id=s0 virtio-net-pci,id=s0,failover=on",
			devices: 1, primaries: 1, blockers: "p0: Migration is disabled for VFIO device"},
		{name: "no id", args: "virtio-net-pci,id=s0,failover=on vfio-sim,failover_pair_id=s0",
			fails: "Device with failover_pair_id needs to have id"},
		{name: "a card without id", args: "virtio-net-pci,failover=on", fails: "a card with failover=on needs to have id"},
		{name: "two of one", args: "virtio-net-pci,id=s0,failover=on vfio-sim,id=p0,failover_pair_id=s0 vfio-sim,id=p1,failover_pair_id=s0",
			fails: "Cannot attach more than one primary device to 's0': 'p0' and 'p1'"},
		{name: "an unknown property", args: "virtio-net-pci,id=s0,failover=on vfio-sim,id=p0,failover_pair_id=s0,bogus=1",
			fails: "Property 'vfio-sim.bogus' not found"},
	} {
		var args []string
		for _, d := range strings.Fields(c.args) {
			args = append(args, "-device", d)
		}
		conf, _, err := cmdline.Parse("PROG", args)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		list, blockers, err := simulatedDevices(conf, nil, nil)
		if c.fails != "" {
			if err == nil || !strings.HasSuffix(err.Error(), c.fails) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		primaries := 0
		for _, d := range list {
			if _, ok := d.(guest.Primary); ok {
				primaries++
			}
		}
		if err != nil || len(list) != c.devices || primaries != c.primaries || strings.Join(blockers, " ") != c.blockers {
			t.Errorf("%s: %d devices, %d primaries, %q, %v", c.name, len(list), primaries, blockers, err)
		}
	}
}
