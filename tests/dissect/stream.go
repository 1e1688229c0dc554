// Package dissect reads complete precopy streams with the help of their own description, in the plainest
// way and without sharing a line with qmpmigrate: what it finds is the yardstick for qmpmigrate's readers,
// and tells tests where in a stream what is.
package dissect

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A Stream is a stream whose every byte has been accounted for.
type Stream struct {
	Machine     string // name in the configuration section
	Blocks      []Block
	Sections    []Section // in stream order, iterations of RAM too
	Pages       int       // pages sent whole
	ZeroPages   int
	Described   int64 // offset of the description's JSON text, which ends the stream
	Description []byte
}

// A Block is a RAM block as announced.
type Block struct {
	Name string
	Size uint64
}

// A Section is one section with its place: its type byte is at Start, its body at Body, its footer at End.
type Section struct {
	Type              byte // one of Start, Part, End, Full
	ID                uint32
	Name              string // of Start and Full
	Instance, Version uint32 // of Start and Full
	Start, Body, End  int64
}

// Section types.
const (
	Start  = 1
	Part   = 2
	End    = 3
	Full   = 4
	footer = 0x7e
)

// FooterSize is the length of a footer: its type byte and the section's id.
const FooterSize = 5

// Read dissects a stream.
func Read(data []byte) (s *Stream, err error) {
	c := &cursor{data: data}
	defer func() {
		if r := recover(); r != nil {
			short, ok := r.(shortStream)
			if !ok {
				panic(r)
			}
			s, err = nil, short
		}
	}()
	s = &Stream{}
	if err := s.readDescription(data); err != nil {
		return nil, err
	}
	devices, err := parseDevices(s.Description)
	if err != nil {
		return nil, err
	}
	if err := s.readHeader(c); err != nil {
		return nil, err
	}
	if err := s.readSections(c, devices); err != nil {
		return nil, err
	}
	if c.at != s.Described {
		return nil, fmt.Errorf("description is at %#x, but the sections end at %#x", s.Described, c.at)
	}
	return s, nil
}

// readDescription finds the description from the end: type byte 6, length, text up to the end.
func (s *Stream) readDescription(data []byte) error {
	for at := len(data) - 6; at >= 0; at-- {
		if data[at] == 6 && data[at+5] == '{' && int(binary.BigEndian.Uint32(data[at+1:])) == len(data)-at-5 {
			s.Described, s.Description = int64(at+5), data[at+5:]
			return nil
		}
	}
	return errors.New("stream does not end with a description")
}

func (s *Stream) readHeader(c *cursor) error {
	if magic, version, kind := c.u32(), c.u32(), c.u8(); magic != 0x5145564d || version != 3 || kind != 7 {
		return fmt.Errorf("header is %x, version %d, then %#x", magic, version, kind)
	}
	s.Machine = string(c.bytes(int(c.u32())))
	return nil
}

// readSections reads up to and with the head of the description.
func (s *Stream) readSections(c *cursor, devices map[deviceKey]int64) error {
	for {
		section := Section{Start: c.at}
		section.Type = c.u8()
		switch section.Type {
		case 0: // end of sections
			c.bytes(5)
			return nil
		case 8: // command: number, length, data
			c.u16()
			c.bytes(int(c.u16()))
			continue
		case Start, Full, Part, End:
		default:
			return fmt.Errorf("section type %#x at %#x", section.Type, section.Start)
		}
		section.ID = c.u32()
		if section.Type == Start || section.Type == Full {
			section.Name = c.text()
			section.Instance, section.Version = c.u32(), c.u32()
		}
		section.Body = c.at
		if section.Type == Full {
			size, ok := devices[deviceKey{section.Name, section.Instance}]
			if !ok {
				return fmt.Errorf("section %s/%d at %#x is not described", section.Name, section.Instance, section.Start)
			}
			c.bytes(int(size))
		} else if err := s.readRAM(c); err != nil {
			return err
		}
		section.End = c.at
		if kind, id := c.u8(), c.u32(); kind != footer || id != section.ID {
			return fmt.Errorf("section %s/%d at %#x: footer at %#x is %#x, id %d",
				section.Name, section.Instance, section.Start, section.End, kind, id)
		}
		s.Sections = append(s.Sections, section)
	}
}
