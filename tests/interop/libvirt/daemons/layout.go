package daemons

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// A layout says what a host is made of.
type layout struct {
	Name    string   // host name
	Tree    string   // libvirt as it was unpacked
	Dir     string   // the host's own folder, see the names below
	Visible []string // folders that are where they are outside
}

// The folders in a host's own one, and where they are inside.
var ownFolders = []string{"etc", "var", "run", "tmp"}

// outputPath is where libvirtd's own output goes, as seen inside.
const outputPath = "/var/log/libvirtd.output"

// environment is what programs inside get.
func (l *layout) environment() []string {
	return []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp", "LC_ALL=C"}
}

// enter makes the calling process, which has namespaces of its own already, one of the host.
func (l *layout) enter() error {
	root := filepath.Join(l.Dir, "root")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	steps := []func() error{
		func() error { return unix.Sethostname([]byte(l.Name)) },
		loopbackUp,
		// Nothing of what follows may get out.
		func() error { return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") },
		func() error { return unix.Mount("root", root, "tmpfs", 0, "mode=755") },
		func() error { return l.bindTree(root) },
		func() error { return l.bindOwn(root) },
		func() error { return bindDevices(filepath.Join(root, "dev")) },
		func() error { return mountAt("proc", filepath.Join(root, "proc"), "proc") },
		func() error { return bind("/sys", filepath.Join(root, "sys"), 0) },
		func() error { return pivot(root) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("host %s: %w", l.Name, err)
		}
	}
	return nil
}

// bindTree makes what was unpacked visible, but for what the host has of its own.
func (l *layout) bindTree(root string) error {
	for _, name := range []string{"usr", "bin", "sbin", "lib", "lib64"} {
		if err := bind(filepath.Join(l.Tree, name), filepath.Join(root, name), unix.MS_RDONLY); err != nil {
			return err
		}
	}
	return nil
}

func (l *layout) bindOwn(root string) error {
	for _, name := range ownFolders {
		if err := bind(filepath.Join(l.Dir, name), filepath.Join(root, name), 0); err != nil {
			return err
		}
	}
	for _, path := range l.Visible {
		if err := bind(path, filepath.Join(root, path), 0); err != nil {
			return err
		}
	}
	return nil
}

// bindDevices has no kvm: where that can be opened libvirt asks an emulator that cannot use it again and again what
// it can do.
func bindDevices(dev string) error {
	if err := os.MkdirAll(dev, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"null", "zero", "full", "random", "urandom"} {
		path := filepath.Join(dev, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return err
		}
		if err := unix.Mount("/dev/"+name, path, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("/dev/%s: %w", name, err)
		}
	}
	return mountAt("tmpfs", filepath.Join(dev, "shm"), "tmpfs")
}

func bind(from, to string, flags uintptr) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	err := unix.Mount(from, to, "", unix.MS_BIND, "")
	if err == nil && flags != 0 {
		err = unix.Mount("", to, "", unix.MS_BIND|unix.MS_REMOUNT|flags, "")
	}
	if err != nil {
		return fmt.Errorf("%s at %s: %w", from, to, err)
	}
	return nil
}

func mountAt(source, at, kind string) error {
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(source, at, kind, 0, ""); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	return nil
}

// pivot makes root the root, and lets the old one go.
func pivot(root string) error {
	old := filepath.Join(root, "old")
	return errors.Join(
		os.Mkdir(old, 0o700),
		unix.PivotRoot(root, old),
		os.Chdir("/"),
		unix.Unmount("/old", unix.MNT_DETACH),
		os.Remove("/old"),
	)
}

// loopbackUp makes the addresses 127.0.0.0/8 usable.
func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	device, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(s, unix.SIOCGIFFLAGS, device); err != nil {
		return err
	}
	device.SetUint16(device.Uint16() | unix.IFF_UP)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, device)
}
