package daemons

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"qmpmigrate/channels/tls/tlstest"
	"qmpmigrate/tests/emulator"
)

// A Pair is two hosts that can migrate domains to each other.
type Pair struct {
	A, B *Host
	// Shared is a folder that both see, under the same name as outside.
	Shared string
	dir    string
}

// NeedPair returns two hosts that end with the test; see StartPair.
func NeedPair(t testing.TB, version string, visible ...string) *Pair {
	t.Helper()
	p, err := StartPair(version, visible...)
	emulator.Must(t, err)
	t.Cleanup(func() { emulator.Must(t, p.Close()) })
	emulator.Must(t, p.certify(t))
	return p
}

// StartPair starts two hosts with a version of libvirt, "9.0" or "11.3", as install.sh unpacks it. The folders of
// visible, where emulators are, have the same names inside.
func StartPair(version string, visible ...string) (*Pair, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("hosts in namespaces need root")
	}
	cache, err := emulator.Dir()
	if err != nil {
		return nil, err
	}
	tree := filepath.Join(cache, "libvirt-"+version)
	if _, err := os.Stat(filepath.Join(tree, "usr/sbin/libvirtd")); err != nil {
		return nil, fmt.Errorf("no libvirt %s: %w (run tests/interop/libvirt/install.sh)", version, err)
	}
	dir, err := os.MkdirTemp("", "lv")
	if err != nil {
		return nil, err
	}
	p := &Pair{dir: dir, Shared: filepath.Join(dir, "s")}
	err = os.Chmod(dir, 0o755) // who is not root on a host may come to Shared
	if err == nil {
		err = p.start(tree, append(visible, p.Shared))
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *Pair) start(tree string, visible []string) (err error) {
	if err := os.Mkdir(p.Shared, 0o755); err != nil {
		return err
	}
	host := func(name, address string, network *Host) (*Host, error) {
		l := layout{Name: name, Tree: tree, Dir: filepath.Join(p.dir, name), Visible: visible}
		return startHost(name, address, l, network)
	}
	if p.A, err = host("hosta", "127.0.0.2", nil); err != nil {
		return err
	}
	p.B, err = host("hostb", "127.0.0.3", p.A)
	return err
}

// certify gives each host a certificate that the other trusts, for migrations by TLS.
func (p *Pair) certify(t testing.TB) error {
	authority := tlstest.NewAuthority(t, "hosts")
	for _, h := range []*Host{p.A, p.B} {
		template := tlstest.Host(h.Name)
		template.IPAddresses = []net.IP{net.ParseIP(h.Address)}
		pair := authority.Sign(t, template)
		for _, end := range []string{"server", "client"} {
			if err := copyFiles(authority.Dir(t, end, pair), filepath.Join(h.layout.Dir, "etc/pki")); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyFiles copies what is in one folder to another.
func copyFiles(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, e.Name()), content, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Other returns the other host of the pair.
func (p *Pair) Other(h *Host) *Host {
	if h == p.A {
		return p.B
	}
	return p.A
}

// Close ends both hosts and removes what they have left.
func (p *Pair) Close() error {
	for _, h := range []*Host{p.B, p.A} {
		if h != nil {
			h.Close()
		}
	}
	return os.RemoveAll(p.dir)
}
