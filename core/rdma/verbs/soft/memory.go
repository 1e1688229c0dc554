package soft

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"qmpmigrate/core/rdma/verbs"
)

// memory is what is registered with a connection.
type memory struct {
	// mu is held for reading while a write of the peer lands, so that memory
	// whose registration ended is the owner's alone.
	mu      sync.RWMutex
	regions map[uint32]*region
}

// region is memory that was registered.
type region struct {
	of     *memory
	mem    []byte
	key    uint32
	remote bool // the peer may write there
}

func (m *memory) register(mem []byte, remote bool) (*region, error) {
	if len(mem) == 0 {
		return nil, errors.New("no memory to register")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := &region{of: m, mem: mem, remote: remote}
	for r.key == 0 || m.regions[r.key] != nil {
		r.key = rand.Uint32()
	}
	m.regions[r.key] = r
	return r, nil
}

func (r *region) Key() uint32 { return r.key }

func (r *region) Release() error {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	delete(r.of.regions, r.key)
	return nil
}

// holds says whether a range lies in the region. No sum of what a peer says is
// made that could overflow.
func (r *region) holds(address, size uint64) bool {
	begin, length := verbs.Address(r.mem), uint64(len(r.mem))
	return address >= begin && address-begin <= length && size <= length-(address-begin)
}

// target finds where a write of the peer goes. Callers hold mu for reading.
func (m *memory) target(h head) ([]byte, error) {
	r := m.regions[h.key]
	switch {
	case r == nil || !r.remote:
		return nil, fmt.Errorf("a write of %d bytes with key %08x, which is none", h.size, h.key)
	case !r.holds(h.address, uint64(h.size)):
		return nil, fmt.Errorf("a write of %d bytes to %x leads out of the %d bytes at %x",
			h.size, h.address, len(r.mem), verbs.Address(r.mem))
	}
	return r.mem[h.address-verbs.Address(r.mem):][:h.size], nil
}
