package postcopy

import "qmpmigrate/core/memory"

// Has says whether there is a block of that name.
func (m *Memory) Has(name string) bool { return m.named(name) != nil }

// Received gives a bit for each target page of a block that there is: page i is
// bit i%8 of byte i/8, and set where the page is here.
func (m *Memory) Received(name string) []byte {
	b := m.named(name)
	pages := b.Size() / memory.PageSize
	bits := make([]byte, (pages+7)/8)
	for i := range bits {
		bits[i] = 0xff
	}
	if rest := pages % 8; rest != 0 {
		bits[len(bits)-1] = 1<<rest - 1
	}
	if b.absent == nil {
		return bits
	}
	each := b.host / memory.PageSize
	for n := range pages {
		if b.absent.Get(n / each) {
			bits[n/8] &^= 1 << (n % 8)
		}
	}
	return bits
}
