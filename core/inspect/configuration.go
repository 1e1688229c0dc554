package inspect

import (
	"errors"

	"qmpmigrate/core/vmstate"
	"qmpmigrate/core/wire"
)

const uuidSize = 16

func (in *input) configuration() error {
	start := in.at()
	kind := wire.SectionType(in.r.U8())
	if err := in.r.Err(); err != nil {
		return in.fail("configuration", err)
	}
	if kind != wire.Configuration {
		return in.fail("configuration", errors.New("Configuration section missing"))
	}
	c, form := &Configuration{}, configurationForm{}
	if err := form.describe(c).Load(in.r, 1); err != nil {
		return in.fail("configuration", err)
	}
	c.Machine = string(form.name)
	in.report.Configuration = c
	return in.add(Element{Kind: KindConfiguration}, start)
}

// configurationForm is what the section holds beside what is reported.
type configurationForm struct {
	length, count uint32
	name          []byte
}

func (f *configurationForm) describe(c *Configuration) *vmstate.Description {
	return &vmstate.Description{
		Name: "configuration", Version: 1,
		Fields: []vmstate.Field{
			vmstate.Uint32("len", &f.length),
			vmstate.AllocBuffer("name", &f.name, maxMachineName, vmstate.Count(&f.length)),
		},
		Subsections: []vmstate.Subsection{{
			Name: "configuration/target-page-bits", Version: 1,
			Fields: []vmstate.Field{vmstate.Uint32("target_page_bits", &c.PageBits)},
		}, {
			Name: "configuration/capabilities", Version: 1,
			Fields: []vmstate.Field{
				vmstate.Uint32("caps_count", &f.count),
				vmstate.Names("capabilities", &c.Capabilities, maxCapabilities, vmstate.Count(&f.count)),
			},
		}, {
			Name: "configuration/uuid", Version: 1,
			Fields: []vmstate.Field{vmstate.AllocArray("uuid.data", &c.UUID, uuidSize)},
		}},
	}
}
