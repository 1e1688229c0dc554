package daemons

import (
	"fmt"
	"os"
	"path/filepath"
)

// accounts are those that libvirt has been built to look for, and one for whoever is not root.
const accounts = `root:x:0:0:root:/:/bin/sh
libvirt-qemu:x:64055:64055::/:/bin/false
nobody:x:65534:65534::/:/bin/false
`

const groups = `root:x:0:
kvm:x:104:
libvirt:x:105:
libvirt-qemu:x:64055:
nogroup:x:65534:
`

// daemonConf is libvirtd's. Its log holds errors, and what is said on monitors.
const daemonConf = `listen_tls = 0
listen_tcp = 1
listen_addr = %q
auth_tcp = "none"
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_rw_perms = "0700"
host_uuid = %q
log_outputs = "1:file:/var/log/libvirtd.log"
log_filters = "2:qemu.qemu_monitor 4:*"
`

// driverConf is for the QEMU driver: nobody else is asked for anything, and nothing of the machine is changed.
const driverConf = `user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
stdio_handler = "file"
namespaces = [ ]
cgroup_controllers = [ ]
migration_host = %q
migration_address = %q
migrate_tls_x509_cert_dir = "/etc/pki"
`

// configure writes what is in the host's folders before it starts.
func (l *layout) configure(uuid, address string) error {
	for _, name := range append([]string{"etc/libvirt", "etc/pki", "var/log", "run/lock"}, ownFolders...) {
		if err := os.MkdirAll(filepath.Join(l.Dir, name), 0o755); err != nil {
			return err
		}
	}
	for name, content := range map[string]string{
		"passwd":                accounts,
		"group":                 groups,
		"hosts":                 fmt.Sprintf("%s %s\n", address, l.Name),
		"nsswitch.conf":         "passwd: files\ngroup: files\nhosts: files\n",
		"libvirt/libvirtd.conf": fmt.Sprintf(daemonConf, address, uuid),
		"libvirt/qemu.conf":     fmt.Sprintf(driverConf, address, address),
		"libvirt/libvirt.conf":  "",
	} {
		if err := os.WriteFile(filepath.Join(l.Dir, "etc", name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return os.Symlink("/run", filepath.Join(l.Dir, "var/run"))
}
