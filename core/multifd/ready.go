package multifd

import "qmpmigrate/core/memory"

// ready makes a huge page where a packet full of consecutive pages is the first one that goes there: page faults
// of small pages cost more than all else, and those of a read are taken while the channel is locked.
func (l *receiving) ready() {
	const huge = memory.HugePage / memory.PageSize
	p := &l.packet
	if p.Normal != PacketPages {
		return
	}
	first := p.Offsets[0] / memory.PageSize
	if p.Offsets[p.Normal-1]/memory.PageSize != first+uint64(p.Normal)-1 {
		return
	}
	at := first / huge * huge
	if at+huge > l.block.Pages() || l.block.Preallocated() || !l.block.Untouched(at, huge) {
		return
	}
	// A failure only means that the pages fault when they are put.
	_ = l.block.MakeHuge(at)
}
