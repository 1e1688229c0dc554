package faults

import (
	"qmpmigrate/channels/tls/tlstest"
	"qmpmigrate/tests/emulator"
)

// A way is how a migration goes from one server to another.
type way struct {
	name         string
	channel      func() emulator.Channel
	incoming     string   // where a destination can listen before its source is told, if not by TCP
	options      []string // of both programs
	capabilities []string // at both ends
	prepare      func(*ends)
}

func overTCP() way  { return way{name: "tcp", channel: emulator.TCP} }
func overUnix() way { return way{name: "unix", channel: emulator.Unix} }
func overFD() way   { return way{name: "fd", channel: emulator.FD} }
func overExec() way { return way{name: "exec", channel: emulator.Exec} }
func overPipe() way { return way{name: "pipe", channel: emulator.Pipe} }

func overTLS() way { return way{name: "tls", channel: emulator.TCP, prepare: encrypted} }

func overLanes() way {
	return way{name: "lanes", channel: emulator.TCP, capabilities: []string{"multifd"}}
}

func overTLSLanes() way {
	return way{name: "tls lanes", channel: emulator.TCP, capabilities: []string{"multifd"}, prepare: encrypted}
}

func overPreempt() way {
	return way{name: "preempt", channel: emulator.TCP, capabilities: []string{"postcopy-preempt"}}
}

func overRDMA() way {
	return way{name: "rdma", channel: func() emulator.Channel { return emulator.RDMA("127.0.0.1", 0) },
		incoming: "rdma:127.0.0.1:", options: []string{"-global", "migration.x-rdma-provider=soft"}}
}

// answered is a way with a return path.
func (w way) answered() way {
	w.name, w.capabilities = w.name+" answered", append(w.capabilities[:len(w.capabilities):len(w.capabilities)], "return-path")
	return w
}

// carded is a way of machines with a card that its guest never lets go of.
func (w way) carded() way {
	w.options = []string{"-device", "virtio-net-pci,id=s0,failover=on", "-device", "vfio-sim,id=p0,failover_pair_id=s0,unplug-time=1h"}
	return w
}

// listen has the destination do so, and gives the URI to migrate to.
func (w way) listen(e *ends) string {
	e.Helper()
	if w.incoming == "" {
		uri, err := e.dst.IncomingTCP(e.Context())
		emulator.Must(e, err)
		return uri
	}
	emulator.Must(e, e.dst.Incoming(e.Context(), w.incoming+"0"))
	m, err := e.dst.QueryMigrate(e.Context())
	emulator.Must(e, err)
	return w.incoming + m.SocketAddress[0].Port
}

// encrypted has both ends use certificates.
func encrypted(e *ends) {
	a := tlstest.NewAuthority(e.T, "ca")
	for _, end := range []struct {
		*emulator.Emulator
		endpoint string
	}{{e.src, "client"}, {e.dst, "server"}} {
		emulator.Must(e, end.Execute(e.Context(), "object-add", map[string]any{"qom-type": "tls-creds-x509", "id": "tls0",
			"endpoint": end.endpoint, "dir": a.Dir(e.T, end.endpoint, a.Sign(e.T, tlstest.Host(end.endpoint)))}, nil))
		emulator.Must(e, end.SetParameters(e.Context(), map[string]any{"tls-creds": "tls0"}))
	}
	e.set(map[string]any{"tls-hostname": "localhost"})
}
