package links

import (
	"context"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/settings"
	"qmpmigrate/core/rdma"
	"qmpmigrate/core/rdma/verbs"
	"qmpmigrate/core/rdma/verbs/soft"
	"qmpmigrate/core/rdma/verbs/system"
	"qmpmigrate/qapi"
)

// provider is what makes RDMA.
func (m *Maker) provider() verbs.Provider {
	if m.settings.RDMAProvider() == settings.ProviderSoft {
		return soft.Provider{}
	}
	return system.Provider{}
}

// dialRDMA connects to a destination.
func (m *Maker) dialRDMA(ctx context.Context, to channels.InetAddress) (channels.Conn, error) {
	conn, err := rdma.Dial(ctx, m.provider(), to, rdma.Config{
		PinAll: m.settings.Enabled(qapi.MigrationCapabilityRDMAPinAll),
		Back: m.settings.Enabled(qapi.MigrationCapabilityReturnPath) ||
			m.settings.Enabled(qapi.MigrationCapabilityPostcopyRAM),
		Trace:  m.host.Trace(),
		Report: m.host.Report,
	})
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// listenRDMA waits for a source.
func (m *Maker) listenRDMA(ctx context.Context, at channels.Address) (channels.Listener, error) {
	if m.settings.Enabled(qapi.MigrationCapabilityXBZRLE) {
		return nil, qapi.Errorf("RDMA and XBZRLE can't be used together")
	}
	l, err := rdma.Listen(ctx, m.provider(), at, m.host.Trace(), m.host.Report)
	if err != nil {
		return nil, err
	}
	return l, nil
}
