package links

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"

	"qmpmigrate/channels"
	"qmpmigrate/core/wire"
)

// role is what a channel of a source with lanes is: the number of a lane, or roleMain.
type role int

const roleMain role = -1

// ask finds out what a channel is, by what it says first. Where that cannot be
// looked at without taking it, the first channel is the main one.
func (g *Gathering) ask(s *stranger) (role, error) {
	switch {
	case s.first:
		return roleMain, nil
	case s.peeker == nil:
		return g.opened(s.conn)
	}
	var magic [4]byte
	switch _, err := s.peeker.Peek(magic[:]); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return 0, errors.New("Failed to peek at channel")
	case err != nil:
		return 0, err
	}
	if binary.BigEndian.Uint32(magic[:]) == wire.Magic {
		return roleMain, nil
	}
	return g.opened(s.conn)
}

// opened reads what opens a lane.
func (g *Gathering) opened(conn channels.Conn) (role, error) {
	r, err := readInit(conn, g.m.LaneUUID(), len(g.lanes))
	if err != nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		return 0, fmt.Errorf("failed to receive packet via multifd channel %d: %w", g.have, err)
	}
	return r, nil
}

func readInit(r io.Reader, own [16]byte, lanes int) (role, error) {
	var b [wire.MultiFDInitSize]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("Unexpected end-of-file before all data were read")
		}
		return 0, err
	}
	init, err := wire.ParseMultiFDInit(&b)
	switch {
	case err != nil:
		return 0, err
	case init.UUID != own:
		return 0, fmt.Errorf("multifd: received uuid '%s' and expected uuid '%s' for channel %d",
			uuid.UUID(init.UUID), uuid.UUID(own), int8(init.ID))
	case int(init.ID) >= lanes:
		// QEMU lets one more pass, and then writes past the end of its table.
		return 0, fmt.Errorf("multifd: received channel id %d is greater than number of channels %d", init.ID, lanes)
	}
	return role(init.ID), nil
}

// errTwice is the error of a lane that is there already.
func errTwice(r role, lanes []channels.Conn) error {
	if lanes[r] == nil {
		return nil
	}
	return fmt.Errorf("multifd: received id '%d' already setup'", r)
}
