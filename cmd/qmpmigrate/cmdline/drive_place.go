package cmdline

import (
	"fmt"
	"strings"

	"qmpmigrate/core/machinetype"
	"qmpmigrate/qapi/scalar"
)

// Place is where a drive hangs: the number of the bus, and its own on that.
type Place struct{ Bus, Unit int }

// places are those of a machine, and which of them are taken.
type places struct {
	// pc says whether the machine has a PC's buses and no others; q35 that its disks have a bus each.
	pc, q35 bool
	taken   map[string]map[Place]bool
}

func (r *run) newPlaces() *places {
	known, _ := machinetype.Find(r.cfg.Machine.Type)
	return &places{pc: known.PC, q35: strings.Contains(known.Name, "q35"), taken: map[string]map[Place]bool{}}
}

// units is how many drives there are on one bus of a kind, 0 where there is only one bus.
func (p *places) units(kind string) int {
	switch {
	case kind == "ide" && p.q35:
		return 1
	case kind == "ide":
		return 2
	case kind == "scsi":
		return 7
	}
	return 0
}

// find gives a drive its place: by its index, or by bus and unit, or else the first one that is free.
func (p *places) find(o *opts, kind string) (at Place, err error) {
	numbers := map[string]int{"bus": 0, "unit": -1, "index": -1}
	for _, key := range [...]string{"bus", "unit", "index"} {
		if text, ok := o.lookup(key); ok {
			n, err := scalar.Int(text)
			if err != nil || n < 0 || n > 1<<16 {
				return at, expects(key, "a number")
			}
			numbers[key] = int(n)
		}
	}
	index, units := numbers["index"], p.units(kind)
	at = Place{numbers["bus"], numbers["unit"]}
	switch {
	case index >= 0 && (at.Bus != 0 || at.Unit >= 0):
		return at, fail("index cannot be used with bus and unit")
	case index >= 0 && units > 0:
		at = Place{index / units, index % units}
	case index >= 0:
		at.Unit = index
	case at.Unit < 0:
		at = p.free(kind, at.Bus, units)
	}
	switch taken := p.taken[kind]; {
	case units > 0 && at.Unit >= units:
		return at, fail("unit %d too big (max is %d)", at.Unit, units-1)
	case taken[at]:
		return at, fail("drive with bus=%d, unit=%d (index=%d) exists", at.Bus, at.Unit, index)
	case taken == nil:
		p.taken[kind] = map[Place]bool{}
	}
	p.taken[kind][at] = true
	return at, nil
}

func (p *places) free(kind string, bus, units int) Place {
	at := Place{Bus: bus}
	for p.taken[kind][at] {
		if at.Unit++; units > 0 && at.Unit == units {
			at = Place{Bus: at.Bus + 1}
		}
	}
	return at
}

// name makes up the id of a drive that was given none.
func (p *places) name(d Drive, media string) string {
	if p.units(d.If) == 0 {
		return fmt.Sprintf("%s%d", d.If, d.Place.Unit)
	}
	kind := "hd"
	if media == "cdrom" {
		kind = "cd"
	}
	return fmt.Sprintf("%s%d-%s%d", d.If, d.Place.Bus, kind, d.Place.Unit)
}

// supported refuses a drive that no part of a PC would take.
func (p *places) supported(d Drive) error {
	if !p.pc {
		return nil
	}
	buses, units := 0, 1<<16 // how many there are
	switch d.If {
	case "none", "virtio":
		return nil
	case "xen":
		return fail("No 'xen-bus' bus found for device 'xen-disk'")
	case "ide":
		if buses = 2; p.q35 {
			buses = 6
		}
	case "floppy", "pflash":
		buses, units = 1, 2
	}
	if d.Place.Bus >= buses || d.Place.Unit >= units {
		return fail("machine type does not support if=%s,bus=%d,unit=%d", d.If, d.Place.Bus, d.Place.Unit)
	}
	return nil
}
