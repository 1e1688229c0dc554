package settings

import (
	"cmp"
	"fmt"

	"qmpmigrate/qapi"
)

// Provider is what RDMA is made of.
type Provider string

// The providers there are.
const (
	ProviderSystem Provider = "system" // hardware, by the system's libraries
	ProviderSoft   Provider = "soft"   // sockets
)

// rdmaProvider is the property x-rdma-provider.
const rdmaProvider = "x-rdma-provider"

func toProvider(to *Provider) setter {
	return func(name, value string) error {
		switch p := Provider(value); p {
		case ProviderSystem, ProviderSoft:
			*to = p
			return nil
		}
		return fmt.Errorf("Parameter '%s' does not accept value '%s'", name, value)
	}
}

// RDMAProvider is what RDMA is made of.
func (s *Settings) RDMAProvider() Provider {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.provider
}

// rdmaConflict says what is on that does not go together with RDMA. QEMU sends
// in plain text whatever tls-creds says; here nobody thinks that it is not.
func rdmaConflict(on capabilities, p *qapi.MigrationParameters) error {
	const notYet = " over transport 'rdma' is not supported yet by this build"
	return cmp.Or(
		refuse(encrypts(p), "RDMA and TLS can't be used together"),
		refuse(on[qapi.MigrationCapabilityBackgroundSnapshot], "background-snapshot"+notYet),
		refuse(on[qapi.MigrationCapabilityXCOLO], "x-colo"+notYet))
}
