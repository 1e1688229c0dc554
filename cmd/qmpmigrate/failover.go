package main

import (
	"fmt"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core/device/failover"
	"qmpmigrate/core/device/vfiosim"
	"qmpmigrate/core/guest"
	"qmpmigrate/qapi"
)

// cardModel is the device that stands in for a passed-through one, with failover=on.
const cardModel = "virtio-net-pci"

// pairs are the network cards that stand in for others, and those.
type pairs struct {
	cards     []failover.Config
	primaries map[string]bool // ids
}

// pairCards finds the pairs among the devices of a command line.
func pairCards(conf *cmdline.Config, events qapi.EventSink, report func(string)) (*pairs, error) {
	p := &pairs{primaries: map[string]bool{}}
	for _, d := range conf.Devices {
		options := d.Options()
		switch pair := options.String("failover_pair_id", ""); {
		case d.Driver == cardModel && options.Bool("failover", false):
			if d.ID == "" {
				return nil, d.Where.Errorf("a card with failover=on needs to have id")
			}
			p.cards = append(p.cards, failover.Config{Card: d.ID, Events: events, Report: report})
		case d.Driver != vfiosim.TypeName || pair == "":
		case d.ID == "":
			return nil, d.Where.Errorf("Device with failover_pair_id needs to have id")
		default:
			if err := p.pair(pair, d.ID, options); err != nil {
				return nil, d.Where.Errorf("%s", err)
			}
		}
	}
	return p, nil
}

// pair makes a device the primary of a card, which comes before it on a command
// line. One whose card is not there is a device like others.
func (p *pairs) pair(card, id string, options *cmdline.Props) error {
	for i := range p.cards {
		c := &p.cards[i]
		if c.Card != card {
			continue
		}
		if c.Primary != "" {
			return fmt.Errorf("Cannot attach more than one primary device to '%s': '%s' and '%s'", card, c.Primary, id)
		}
		c.Primary, c.Release = id, options.Duration("unplug-time", 0)
		p.primaries[id] = true
	}
	return nil
}

// devices are the cards, as a guest has them.
func (p *pairs) devices() (list []guest.Device) {
	for _, c := range p.cards {
		list = append(list, failover.New(c))
	}
	return list
}
