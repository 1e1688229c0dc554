package main

import (
	"strconv"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core/qom"
)

// deviceNodes are the devices of the command line as objects of the machine: those with an id, and the others. What only stands
// in for one that is to be plugged in later is none yet.
func deviceNodes(conf *cmdline.Config) (named, others []*qom.Node) {
	for _, d := range conf.Devices {
		switch _, later := d.Props.Get("failover_pair_id"); {
		case later:
		case d.ID == "":
			others = append(others, &qom.Node{Name: "device[" + strconv.Itoa(len(others)) + "]", Object: deviceObject(d)})
		default:
			named = append(named, &qom.Node{Name: d.ID, Object: deviceObject(d)})
		}
	}
	return named, others
}

// deviceObject is a device of the command line in the tree: it knows what it was given.
type deviceObject cmdline.Device

func (d deviceObject) TypeName() string { return d.Driver }

func (d deviceObject) Properties() []qom.Property {
	list := []qom.Property{
		qom.Fixed("realized", "bool", true), qom.Fixed("hotplugged", "bool", false), qom.Fixed("hotpluggable", "bool", true),
	}
	for name, value := range d.Props.All() {
		if name == "driver" || name == "id" || name == "bus" {
			continue
		}
		kind := "str"
		switch value.(type) {
		case bool:
			kind = "bool"
		case int64, uint64:
			kind = "int"
		}
		list = append(list, qom.Fixed(name, kind, value))
	}
	return list
}
