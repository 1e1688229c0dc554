package wire

import "encoding/binary"

// SectionType is the byte that opens each element of the stream.
type SectionType uint8

// The elements of a stream. A subsection stands only inside device state and
// the configuration, a footer only after a section's body.
const (
	EOF           SectionType = 0x00
	SectionStart  SectionType = 0x01
	SectionPart   SectionType = 0x02
	SectionEnd    SectionType = 0x03
	SectionFull   SectionType = 0x04
	Subsection    SectionType = 0x05
	VMDescription SectionType = 0x06
	Configuration SectionType = 0x07
	Command       SectionType = 0x08
	SectionFooter SectionType = 0x7e
)

// MaxName bounds every counted string: its length is one byte.
const MaxName = 255

// FooterSize is the length of a section footer in bytes.
const FooterSize = 5

// SectionHeader opens a START or FULL section. PART and END sections carry
// only the type and the id.
type SectionHeader struct {
	Type     SectionType
	ID       uint32
	IDStr    string
	Instance uint32
	Version  uint32
}

// Append appends the header as it stands in the stream.
func (h *SectionHeader) Append(b []byte) []byte {
	b = append(b, byte(h.Type))
	b = binary.BigEndian.AppendUint32(b, h.ID)
	if h.Type != SectionStart && h.Type != SectionFull {
		return b
	}
	b = AppendCounted(b, h.IDStr)
	b = binary.BigEndian.AppendUint32(b, h.Instance)
	return binary.BigEndian.AppendUint32(b, h.Version)
}

// AppendFooter appends the footer of the section id.
func AppendFooter(b []byte, id uint32) []byte {
	return binary.BigEndian.AppendUint32(append(b, byte(SectionFooter)), id)
}

// AppendCounted appends a counted string. s has at most MaxName bytes.
func AppendCounted(b []byte, s string) []byte {
	return append(append(b, byte(len(s))), s...)
}
