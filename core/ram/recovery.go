package ram

import (
	"encoding/binary"
	"fmt"
	"io"

	"qmpmigrate/core/wire"
)

// Reconnect begins anew on another channel, after the guest's destination was
// lost: nobody remembers a block there, and no request counts any more.
// Nothing may go out before Reload was called for every block.
func (s *Saver) Reconnect() {
	s.main.last = nil
	s.preempt.Store(nil)
	for s.Asked() {
		s.next()
	}
}

// Names are those of the blocks whose pages are sent.
func (s *Saver) Names() (names []string) {
	for _, b := range s.blocks {
		names = append(names, b.Name())
	}
	return names
}

// Has says whether the pages of a block of that name are sent.
func (s *Saver) Has(name string) bool { return s.block(name) != nil }

// Reload reads from in which pages of a block the destination has: all others
// are due. A bad bitmap leaves it open which ones are. What is wrong is told in
// QEMU's words. It may be called from the goroutine that hears the destination.
func (s *Saver) Reload(name string, in io.Reader) error {
	b := s.block(name)
	var word [8]byte
	want := wire.BitmapSize(b.Pages())
	_, err := io.ReadFull(in, word[:])
	if size := binary.BigEndian.Uint64(word[:]); err == nil && size != want {
		return fmt.Errorf("ramblock '%s' bitmap size mismatch (0x%x != 0x%x)", name, size, want)
	}
	got := uint64(0)
	var part [512]byte
	for err == nil && got < want {
		var n int
		n, err = io.ReadFull(in, part[:min(uint64(len(part)), want-got)])
		s.missing(b, got/8, part[:n/8*8])
		got += uint64(n)
	}
	if err == nil {
		_, err = io.ReadFull(in, word[:])
	}
	if err != nil {
		return fmt.Errorf("read bitmap failed for ramblock '%s': (size 0x%x, got: 0x%x)", name, want, got)
	}
	if end := binary.BigEndian.Uint64(word[:]); end != wire.BitmapEnd {
		return fmt.Errorf("ramblock '%s' end mark incorrect: 0x%x", name, end)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b.pos = 0
	b.makeWhole()
	return nil
}

// missing makes due what is not received, from word on.
func (s *Saver) missing(b *outBlock, word uint64, received []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 0; i+8 <= len(received); i += 8 {
		b.todo.SetWord(word, ^binary.LittleEndian.Uint64(received[i:]))
		word++
	}
}
