package main

import "qmpmigrate/cmd/qmpmigrate/cmdline"

// blockNodes are the names of the disks that the command line describes.
func blockNodes(conf *cmdline.Config) []string {
	var names []string
	for _, n := range conf.BlockNodes {
		names = append(names, n.Name)
	}
	for _, d := range conf.Drives {
		if name, ok := d.Props.Get("node-name"); ok {
			names = append(names, name.(string))
		}
	}
	return names
}
