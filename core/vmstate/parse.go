package vmstate

import (
	"fmt"
	"math"
)

// ParseDescription reads the text of a VMDESCRIPTION element. Keys it does not
// know are passed over; the errors tell the byte in text.
func ParseDescription(text []byte) (*StreamDesc, error) {
	if len(text) > MaxDescription {
		return nil, fmt.Errorf("vmdescription: %d bytes are more than %d", len(text), MaxDescription)
	}
	p := descParser{newTokens(text)}
	d := new(StreamDesc)
	err := p.object(func(key string) error {
		switch key {
		case "page_size":
			return p.number(&d.PageSize, math.MaxInt64)
		case "configuration":
			d.Configuration = new(StateDesc)
			return p.state(d.Configuration)
		case "devices":
			return p.list(func() error { return p.device(d) })
		}
		return p.skip()
	})
	if err != nil {
		return nil, err
	}
	if p.next(); p.pos < len(text) {
		return nil, p.errorf("text goes on after its end")
	}
	return d, nil
}

type descParser struct{ *tokens }

func (p descParser) device(d *StreamDesc) error {
	var dev DeviceDesc
	named := false
	err := p.object(func(key string) error {
		switch key {
		case "name":
			named = true
			return p.string(&dev.Name)
		case "instance_id":
			return p.u32(&dev.Instance)
		}
		return p.stateMember(key, &dev.StateDesc)
	})
	if err == nil && !named {
		err = p.errorf("device without name")
	}
	d.Devices = append(d.Devices, dev)
	return err
}

func (p descParser) state(s *StateDesc) error {
	return p.object(func(key string) error { return p.stateMember(key, s) })
}

func (p descParser) stateMember(key string, s *StateDesc) error {
	switch key {
	case "vmsd_name":
		return p.string(&s.VMSD)
	case "version":
		return p.u32(&s.Version)
	case "fields":
		return p.list(func() error {
			f, err := p.field()
			s.Fields = append(s.Fields, f)
			return err
		})
	case "subsections":
		return p.list(func() error {
			var sub StateDesc
			err := p.state(&sub)
			if err == nil && sub.VMSD == "" {
				err = p.errorf("subsection without name")
			}
			s.Subsections = append(s.Subsections, sub)
			return err
		})
	}
	return p.skip()
}

func (p descParser) field() (FieldDesc, error) {
	f := FieldDesc{Len: 1, Index: -1, Size: -1}
	err := p.object(func(key string) error {
		switch key {
		case "name":
			return p.string(&f.Name)
		case "type":
			return p.string(&f.Type)
		case "size":
			return p.number(&f.Size, math.MaxInt64)
		case "index":
			return p.number(&f.Index, math.MaxInt64)
		case "array_len":
			err := p.number(&f.Len, math.MaxInt64)
			f.Len = max(f.Len, 1)
			return err
		case "struct":
			f.Struct = new(StateDesc)
			return p.state(f.Struct)
		case "vmsd_name":
			// Lists repeat their keys for each element, this one first.
			f.Inline = append(f.Inline, StateDesc{})
		}
		if len(f.Inline) == 0 {
			return p.skip()
		}
		return p.stateMember(key, &f.Inline[len(f.Inline)-1])
	})
	if err == nil && f.Size < 0 {
		err = p.errorf("field %q without size", f.Name)
	}
	return f, err
}

func (p descParser) u32(to *uint32) error {
	var v int64
	err := p.number(&v, math.MaxUint32)
	*to = uint32(v)
	return err
}
