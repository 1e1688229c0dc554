package main

import (
	"qmpmigrate/channels/chardev"
	"qmpmigrate/core/qom"
)

// nodes are the devices in the tree of objects, in the order in which they
// were opened.
func (d *chardevs) nodes() []*qom.Node {
	backends := map[*chardev.Device]string{}
	for c, device := range d.byConf {
		backends[device] = c.Backend
	}
	var list []*qom.Node
	for _, device := range d.list {
		list = append(list, &qom.Node{Name: device.Label(), Object: qom.Plain("chardev-" + backends[device])})
	}
	return list
}
