package wire

import (
	"encoding/binary"
	"fmt"
)

// Advise is the payload of POSTCOPY_ADVISE: what pages the source's memory is made of.
type Advise struct {
	// HostPages are the sizes of host pages of all blocks, or'ed together.
	HostPages uint64
	// TargetPage is the size of the pages that are sent.
	TargetPage uint64
}

// adviseSize is the length of the payload where RAM follows the VM.
const adviseSize = 16

// ParseAdvise takes the payload of POSTCOPY_ADVISE apart. ram is false where it
// is empty: RAM does not follow.
func ParseAdvise(payload []byte) (a Advise, ram bool, err error) {
	switch len(payload) {
	case 0:
		return a, false, nil
	case adviseSize:
		a.HostPages = binary.BigEndian.Uint64(payload)
		a.TargetPage = binary.BigEndian.Uint64(payload[8:])
		return a, true, nil
	}
	return a, false, fmt.Errorf("CMD_POSTCOPY_ADVISE invalid length (%d)", len(payload))
}

// AppendAdvise appends the payload of POSTCOPY_ADVISE: all sizes of host
// pages, or'ed together, and the size of target pages.
func AppendAdvise(b []byte, hostPages, targetPage uint64) []byte {
	b = binary.BigEndian.AppendUint64(b, hostPages)
	return binary.BigEndian.AppendUint64(b, targetPage)
}
