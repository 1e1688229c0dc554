package memtest

// stamper writes stress pages: what they hold, not which page is due.
type stamper struct {
	keys *keys
	seed uint64
	// noisy is how many words at the start of the payload are incompressible;
	// the others repeat one byte.
	noisy uint64
	// update is how many words of the payload a visit rewrites.
	update uint64
}

// id is what word 0 of page n holds; it is never 0.
func (s *stamper) id(n uint64) uint64 { return (mix(s.seed)|1)<<tagShift | n }

// number is the reverse of id. ok is false where the tag is not this guest's.
func (s *stamper) number(id uint64) (n uint64, ok bool) {
	n = id & (1<<tagShift - 1)
	return n, s.id(n) == id
}

// stamp writes all of page number n at generation gen.
func (s *stamper) stamp(p *page, n, gen uint64) {
	p[wordID], p[wordGen] = s.id(n), gen
	s.write(p[payload:], 0, s.source(n, gen), gen)
	p[wordSum] = s.keys.sum(p)
}

// restamp takes a page from one generation to the next by rewriting a part of
// it. It says false, and leaves the page as it is, when the page is not number
// n: the guest must not cover up what a migration did to it. For the same
// reason the generation is counted up rather than set.
func (s *stamper) restamp(p *page, n, gen uint64) bool {
	if p[wordID] != s.id(n) {
		return false
	}
	src := s.source(n, gen)
	at := payload + src.next()%(payloadWords-s.update+1)
	sum := p[wordSum] + s.keys[wordGen]
	sum += s.rewrite(p, at, src, gen)
	p[wordGen]++
	p[wordSum] = sum
	return true
}

func (s *stamper) source(n, gen uint64) noise { return noise(hash(s.seed^n, gen)) }

// plain is what compressible words hold at a generation: a repeated byte.
func plain(gen uint64) uint64 { return uint64(uint8(gen+1)) * 0x0101010101010101 }

// write fills words, of which the first is word at of the payload.
func (s *stamper) write(words []uint64, at uint64, src noise, gen uint64) {
	noisy := min(max(s.noisy, at)-at, uint64(len(words)))
	for i := range words[:noisy] {
		words[i] = src.next()
	}
	fill := plain(gen)
	for i := range words[noisy:] {
		words[noisy+uint64(i)] = fill
	}
}

// rewrite writes the words of an update from word at of the page on, and
// returns the change of the checksum.
func (s *stamper) rewrite(p *page, at uint64, src noise, gen uint64) (change uint64) {
	words, keys := p[at:at+s.update], s.keys[at:at+s.update]
	noisy := min(max(s.noisy+payload, at)-at, s.update)
	for i, old := range words[:noisy] {
		w := src.next()
		words[i] = w
		change += (w - old) * keys[i]
	}
	fill := plain(gen)
	words, keys = words[noisy:], keys[noisy:]
	for i, old := range words {
		words[i] = fill
		change += (fill - old) * keys[i]
	}
	return change
}
