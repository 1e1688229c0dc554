package inspect

import (
	"errors"
	"fmt"

	"qmpmigrate/core/vmstate"
	"qmpmigrate/core/wire"
)

// description reads what follows EOF and takes the devices apart by it. A
// stream that went over to postcopy has none; its devices stay closed.
func (in *input) description() error {
	start := in.at()
	next, err := in.r.Peek(1)
	if err != nil || wire.SectionType(next[0]) != wire.VMDescription {
		if in.postcopy {
			return nil
		}
		got := 0
		if err == nil {
			got = int(next[0])
		}
		return in.fail("vmdescription", fmt.Errorf("Expected vmdescription section, but got %d", got))
	}
	in.r.Skip(1)
	size := in.r.U32()
	if size > vmstate.MaxDescription {
		return in.fail("vmdescription", fmt.Errorf("%d bytes are more than %d", size, vmstate.MaxDescription))
	}
	body := in.at()
	text := in.r.Bytes(int(size))
	if err := in.r.Err(); err != nil {
		return in.fail("vmdescription", err)
	}
	if err := in.add(Element{Kind: KindDescription}, start); err != nil {
		return err
	}
	d, err := vmstate.ParseDescription(text)
	if err != nil {
		return &Error{"vmdescription", body, err}
	}
	in.report.Description = &Description{PageSize: d.PageSize, Devices: len(d.Devices)}
	return in.dissect(d)
}

// dissect fills in the fields of every full section.
func (in *input) dissect(d *vmstate.StreamDesc) error {
	type key struct {
		name     string
		instance uint32
	}
	byKey := map[key][]*vmstate.DeviceDesc{}
	for i := range d.Devices {
		dev := &d.Devices[i]
		k := key{dev.Name, dev.Instance}
		byKey[k] = append(byKey[k], dev)
	}
	left, seen := maxFields, 0
	for i := range in.report.Elements {
		e := &in.report.Elements[i]
		if e.Kind != KindFull {
			continue
		}
		k := key{e.Section.Name, e.Section.Instance}
		if len(byKey[k]) == 0 {
			return &Error{e.Section.Name, e.Offset, errors.New("the vmdescription does not know this section")}
		}
		desc := byKey[k][0]
		byKey[k] = byKey[k][1:]
		seen++
		if err := check(e, desc); err != nil {
			return &Error{e.Section.Name, e.Offset, err}
		}
		node, err := vmstate.Dissect(desc, e.Body)
		if err != nil {
			return &Error{e.Section.Name, bodyOffset(err, e.BodyOffset), err}
		}
		if left -= node.Nodes(); left < 0 {
			return &Error{e.Section.Name, e.Offset, fmt.Errorf("more than %d fields", maxFields)}
		}
		e.Device = node
	}
	if seen != len(d.Devices) {
		return in.fail("vmdescription", fmt.Errorf("%d devices are described, %d came", len(d.Devices), seen))
	}
	return nil
}

// check compares the versions; a device without description has none there.
func check(e *Element, desc *vmstate.DeviceDesc) error {
	if desc.VMSD != "" && desc.Version != e.Section.Version {
		return fmt.Errorf("version %d, but the vmdescription says %d", e.Section.Version, desc.Version)
	}
	return nil
}
