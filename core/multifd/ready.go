package multifd

import "qmpmigrate/core/memory"

// ready asks for a huge page where a packet full of consecutive pages is the first one that goes there: page faults
// of small pages cost more than all else. The packets beside it go on the other lanes.
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
	if at := first / huge * huge; at+huge <= l.block.Pages() && l.block.Untouched(at, huge) {
		l.block.AdviseHugeIn(at, huge)
	}
}
