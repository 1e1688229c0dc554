package savevm

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Names of the configuration's subsections, in the order of the stream.
const (
	confPageBits     = "configuration/target-page-bits"
	confCapabilities = "configuration/capabilities"
	confUUID         = "configuration/uuid"
	confVersion      = 1
)

// Bounds of what a configuration may hold.
const (
	maxMachineName  = 256
	maxCapabilities = 256
)

// Configuration opens the stream: which machine it is, and what else both ends
// must agree about. Zero values of the optional members are not sent.
type Configuration struct {
	// Machine is the versioned name of the machine type, as "pc-i440fx-7.2".
	Machine string
	// PageBits is the target page size as a power of two, where it is not the
	// target's minimum.
	PageBits uint32
	// Capabilities are the validated ones that are on.
	Capabilities []string
	// UUID is the VM's, where it is to be compared.
	UUID *uuid.UUID
}

func (c *Configuration) save(w *stream.Writer) {
	w.U8(uint8(wire.Configuration))
	w.U32(uint32(len(c.Machine)))
	w.Write([]byte(c.Machine))
	if c.PageBits != 0 {
		confSubsection(w, confPageBits)
		w.U32(c.PageBits)
	}
	if len(c.Capabilities) > 0 {
		confSubsection(w, confCapabilities)
		w.U32(uint32(len(c.Capabilities)))
		for _, name := range c.Capabilities {
			w.CountedString(name)
		}
	}
	if c.UUID != nil {
		confSubsection(w, confUUID)
		w.Write(c.UUID[:])
	}
}

func confSubsection(w *stream.Writer, name string) {
	w.U8(uint8(wire.Subsection))
	w.CountedString(name)
	w.U32(confVersion)
}

// loadConfiguration reads the body behind the type byte.
func loadConfiguration(r *stream.Reader) (*Configuration, error) {
	c := &Configuration{}
	n := r.U32()
	if n > maxMachineName {
		return nil, fmt.Errorf("machine name of %d bytes is too long", n)
	}
	c.Machine = string(r.Bytes(int(n)))
	for r.Err() == nil {
		next, err := r.Peek(1)
		if err != nil || wire.SectionType(next[0]) != wire.Subsection {
			break
		}
		r.Skip(1)
		name := r.CountedString()
		if v := r.U32(); v > confVersion {
			return nil, fmt.Errorf("unsupported version %d of %s", v, name)
		}
		if err := c.loadSubsection(r, name); err != nil {
			return nil, err
		}
	}
	return c, r.Err()
}

func (c *Configuration) loadSubsection(r *stream.Reader, name string) error {
	switch name {
	case confPageBits:
		c.PageBits = r.U32()
	case confCapabilities:
		n := r.U32()
		if n > maxCapabilities {
			return errors.New("too many capabilities in the configuration")
		}
		for range n {
			c.Capabilities = append(c.Capabilities, r.CountedString())
		}
	case confUUID:
		c.UUID = &uuid.UUID{}
		r.Full(c.UUID[:])
	default:
		return fmt.Errorf("unknown configuration subsection %q", name)
	}
	return nil
}
