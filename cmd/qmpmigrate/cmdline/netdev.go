package cmdline

import "qmpmigrate/qapi/qobject"

// Netdev is -netdev. Nothing here has a network; it is kept for queries.
type Netdev struct {
	Type, ID string
	Props    *qobject.Dict // all members; scalars are strings in text form, typed in JSON form
	Where    Origin
}

// netdevOption is -netdev.
func netdevOption(r *run, value string) error {
	t, err := parseStructured(value, "type")
	if err != nil {
		return err
	}
	n := Netdev{Props: t.dict, Where: r.at}
	t.need("id")
	n.ID, _ = t.string("id")
	t.need("type")
	n.Type, _ = t.enum("type",
		"none", "nic", "user", "tap", "l2tpv3", "socket", "stream", "dgram", "vde", "bridge", "hubport", "netmap",
		"vhost-user", "vhost-vdpa", "passt", "af-xdp", "vmnet-host", "vmnet-shared", "vmnet-bridged")
	if *t.err != nil {
		return *t.err
	}
	if !idWellFormed(n.ID) {
		return malformedID()
	}
	for _, other := range r.cfg.Netdevs {
		if other.ID == n.ID {
			return duplicateID(n.ID, "netdev")
		}
	}
	r.cfg.Netdevs = append(r.cfg.Netdevs, n)
	return nil
}

// noneOnly is for -net and -parallel, where only "none" is possible without the device.
func noneOnly(what string) func(*run, string) error {
	return func(r *run, value string) error {
		if value != "none" {
			return fail("%s '%s' is not available here, only 'none' is", what, value)
		}
		return nil
	}
}
