package migration

import (
	"context"
	"fmt"

	"qmpmigrate/channels"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/rdma"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/rdma/verbs/soft"
	"qmpmigrate/core/rdma/verbs/system"
	"qmpmigrate/qapi"
)

// provider is what RDMA is made of.
type provider string

const (
	providerSystem provider = "system" // hardware, by the system's libraries
	providerSoft   provider = "soft"   // sockets
)

// rdmaProvider is the property x-rdma-provider.
const rdmaProvider = "x-rdma-provider"

func toProvider(to *provider) setter {
	return func(name, value string) error {
		switch p := provider(value); p {
		case providerSystem, providerSoft:
			*to = p
			return nil
		}
		return fmt.Errorf("Parameter '%s' does not accept value '%s'", name, value)
	}
}

func (o *options) rdmaProvider() verbs.Provider {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider == providerSoft {
		return soft.Provider{}
	}
	return system.Provider{}
}

// rdmaConflict says what is on that does not go together with RDMA. QEMU sends
// in plain text whatever tls-creds says; here nobody thinks that it is not.
func rdmaConflict(on capabilities, p *qapi.MigrationParameters) error {
	const notYet = " over transport 'rdma' is not supported yet by this build"
	return first(
		refuse(encrypts(p), "RDMA and TLS can't be used together"),
		refuse(on[qapi.MigrationCapabilityPostcopyRAM], "postcopy"+notYet),
		refuse(on[qapi.MigrationCapabilityBackgroundSnapshot], "background-snapshot"+notYet),
		refuse(on[qapi.MigrationCapabilityXCOLO], "x-colo"+notYet))
}

// dialRDMA connects to a destination.
func (m *Migration) dialRDMA(ctx context.Context, to channels.InetAddress) (channels.Conn, error) {
	conn, err := rdma.Dial(ctx, m.options.rdmaProvider(), to, rdma.Config{
		PinAll: m.options.enabled(qapi.MigrationCapabilityRDMAPinAll),
		Back:   m.options.enabled(qapi.MigrationCapabilityReturnPath),
		Report: m.host.Report,
	})
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// listenRDMA waits for a source.
func (m *Migration) listenRDMA(ctx context.Context, at channels.Address) (channels.Listener, error) {
	if m.options.enabled(qapi.MigrationCapabilityXBZRLE) {
		return nil, qapi.Errorf("RDMA and XBZRLE can't be used together")
	}
	l, err := rdma.Listen(ctx, m.options.rdmaProvider(), at, m.host.Report)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// reaching makes pages go straight to the memory of a destination that can be
// reached so.
func (o *outgoing) reaching(conn channels.Conn, r *ram.Options) {
	if c, ok := conn.(*rdma.Conn); ok {
		r.RDMA = c.Source(o.stats.Direct())
	}
}

// reached lets the source reach this machine's memory, if it can. done ends that.
func (in *incoming) reached(conn channels.Conn, pages *ram.Loader) (done func()) {
	c, ok := conn.(*rdma.Conn)
	if !ok {
		return func() {}
	}
	t := c.Target(&in.m.loaded.Zero)
	pages.Direct(t)
	return t.Close
}
