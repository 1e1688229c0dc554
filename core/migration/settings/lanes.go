package settings

import (
	"fmt"

	"qmpmigrate/core/multifd"
	"qmpmigrate/qapi"
)

// Lanes is how many lanes a migration has: none without multifd.
func (s *Settings) Lanes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.capabilities[qapi.MigrationCapabilityMultifd] {
		return 0
	}
	return int(*s.parameters.MultifdChannels)
}

// LaneMethod is how lanes encode pages, and at what level.
func (s *Settings) LaneMethod() (m multifd.Method, level int, err error) {
	p := s.now()
	switch c := *p.MultifdCompression; c {
	case qapi.MultiFDCompressionNone:
		return multifd.None(), 0, nil
	case qapi.MultiFDCompressionZlib:
		return multifd.Zlib(), int(*p.MultifdZlibLevel), nil
	case qapi.MultiFDCompressionZstd:
		return multifd.Zstd(), int(*p.MultifdZstdLevel), nil
	default:
		return m, 0, fmt.Errorf("multifd-compression '%s' is not supported yet by this build", c)
	}
}

// ZeroPages is who looks for pages of zeros.
func (s *Settings) ZeroPages() qapi.ZeroPageDetection { return *s.now().ZeroPageDetection }

// DirectIO says whether lanes go around the page cache.
func (s *Settings) DirectIO() bool { return *s.now().DirectIO }
