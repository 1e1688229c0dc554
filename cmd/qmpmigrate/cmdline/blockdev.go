package cmdline

import (
	"slices"

	"qmpmigrate/qapi/qobject"
)

// BlockNode is -blockdev.
type BlockNode struct {
	Driver, Name string
	Props        *qobject.Dict // all members; scalars are strings in text form, typed in JSON form
	Text         bool          // it was in text form
	Where        Origin
}

// maxNodeName is the longest node name, in bytes.
const maxNodeName = 31

// blockdevOption is -blockdev.
func blockdevOption(r *run, value string) error {
	t, err := parseStructured(value, "driver")
	if err != nil {
		return err
	}
	n := BlockNode{Props: t.dict, Text: t.text, Where: r.at}
	t.need("driver")
	n.Driver, _ = t.enum("driver", blockDrivers()...)
	n.Name, _ = t.string("node-name")
	if n.Driver == "file" {
		t.need("filename")
	}
	if *t.err != nil {
		return *t.err
	}
	r.cfg.BlockNodes = append(r.cfg.BlockNodes, n)
	return nil
}

// checkBlockNodes checks the names of nodes, and that children given by name exist by then.
func (r *run) checkBlockNodes() error {
	var names []string
	for _, n := range r.cfg.BlockNodes {
		r.at = n.Where
		switch {
		case n.Name == "":
			return fail("'node-name' must be specified for the root node")
		case len(n.Name) > maxNodeName || !idWellFormed(n.Name):
			return fail("Invalid node-name: '%s'", n.Name)
		case slices.Contains(names, n.Name):
			return fail("Duplicate nodes with node-name='%s'", n.Name)
		}
		for _, key := range [...]string{"file", "backing"} {
			value, _ := n.Props.Get(key)
			if child, ok := value.(string); ok && child != "" && !slices.Contains(names, child) {
				return fail("Cannot find device='%s' nor node-name='%s'", child, child)
			}
		}
		names = append(names, n.Name)
		names = append(names, childNames(n.Props)...)
	}
	return nil
}

// childNames returns the names that a node's description gives to its children, which are nodes too.
func childNames(props *qobject.Dict) (names []string) {
	for _, value := range props.All() {
		child, ok := value.(*qobject.Dict)
		if !ok {
			continue
		}
		if name, _ := child.Get("node-name"); name != nil {
			if text, ok := name.(string); ok {
				names = append(names, text)
			}
		}
		names = append(names, childNames(child)...)
	}
	return names
}

// KnownBlockDriver says whether QEMU has a driver of that name.
func KnownBlockDriver(name string) bool { return slices.Contains(blockDrivers(), name) }

// blockDrivers are the drivers of QEMU.
func blockDrivers() []string {
	return []string{
		"blkdebug", "blklogwrites", "blkreplay", "blkverify", "bochs", "cloop", "compress", "copy-before-write",
		"copy-on-read", "dmg", "file", "snapshot-access", "ftp", "ftps", "gluster", "host_cdrom", "host_device",
		"http", "https", "io_uring", "iscsi", "luks", "nbd", "nfs", "null-aio", "null-co", "nvme",
		"nvme-io_uring", "parallels", "preallocate", "qcow", "qcow2", "qed", "quorum", "raw", "rbd",
		"replication", "ssh", "throttle", "vdi", "vhdx", "virtio-blk-vfio-pci", "virtio-blk-vhost-user",
		"virtio-blk-vhost-vdpa", "vmdk", "vpc", "vvfat",
	}
}
