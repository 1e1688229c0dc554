package adopt

import "qmpmigrate/core/memory"

// Lack is guest.Partial's: the memory of blocks is in files that the next
// destination has, too. Here they are empty.
func (m *Machine) Lack(blocks []*memory.Block) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range blocks {
		b.Share()
		m.lacks = b.Name()
	}
}

// Lacks names a block whose memory is not here.
func (m *Machine) Lacks() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lacks
}
