package core

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// waiting is a machine that waits for a source with two lanes.
func waitingForLanes(t *testing.T) (p *prover, path string) {
	t.Helper()
	p = newLaned(t, "", true)
	path = filepath.Join(t.TempDir(), "mig")
	uri, exit := "unix:"+path, false
	if err := p.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri, ExitOnError: &exit}); err != nil {
		t.Fatal(err)
	}
	return p, path
}

func says(t *testing.T, path string, b []byte) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.Write(b)
	return c
}

func lane(id uint8) []byte { return wire.AppendMultiFDInit(nil, wire.MultiFDInit{ID: id}) }

func packet(p wire.MultiFDPacket) []byte {
	var b [wire.MultiFDPacketSize]byte
	p.Put(&b)
	return b[:]
}

// Channels that are not what a source would open.
func TestHostileOpenings(t *testing.T) {
	other := wire.AppendMultiFDInit(nil, wire.MultiFDInit{UUID: [16]byte{1}})
	for want, openings := range map[string][][]byte{
		"failed to receive packet via multifd channel 0: multifd: received packet magic 47455420 expected 11223344": {
			append([]byte("GET / HTTP/1.0\r\n\r\n"), make([]byte, 64)...)},
		"failed to receive packet via multifd channel 0: multifd: received uuid '01000000-0000-0000-0000-000000000000' and expected " +
			"uuid '00000000-0000-0000-0000-000000000000' for channel 0": {other},
		"failed to receive packet via multifd channel 0: multifd: received channel id 2 is greater than number of channels 2": {lane(2)},
		"multifd: received id '1' already setup'": {lane(1), lane(1)},
	} {
		p, path := waitingForLanes(t)
		for _, b := range openings {
			says(t, path, b)
		}
		p.reach(t, qapi.MigrationStatusFailed)
		if got := *p.Migration().Info().ErrorDesc; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A connection that says nothing, and one too many, hold up nobody.
func TestSilentClients(t *testing.T) {
	dst, path := waitingForLanes(t)
	var silent []net.Conn
	for range 100 {
		silent = append(silent, says(t, path, nil))
	}
	src := newLaned(t, "", false)
	uri := "unix:" + path
	src.send(t, uri)
	src.fits(t)
	src.reach(t, completed)
	dst.reach(t, completed)
	dst.proven(t)
	for _, c := range silent {
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Fatal("a client that said nothing got an answer")
		}
	}
}

// Lanes that never come, and a source that gives up.
func TestLanesThatNeverCome(t *testing.T) {
	p, path := waitingForLanes(t)
	says(t, path, wire.AppendHeader(nil)).Close()
	p.reach(t, qapi.MigrationStatusFailed)
	if got := *p.Migration().Info().ErrorDesc; !strings.Contains(got, "Channel error: Input/output error") {
		t.Error(got)
	}
}

// What comes on a lane ends the migration with the reason.
func TestHostilePackets(t *testing.T) {
	one := wire.MultiFDPacket{Alloc: 128, Normal: 1, Block: []byte("memtest.ram")}
	nowhere, between, method, unknown := one, one, one, one
	nowhere.Offsets[0] = 1 << 63
	between.Offsets[0] = 17
	method.Flags = 2
	unknown.Block = []byte(strings.Repeat("x", 400))
	magic := packet(one)
	magic[0] = 0
	for name, tc := range map[string]struct {
		packet []byte
		want   string
	}{
		"magic":   {magic, "multifd: received packet magic 223344, expected 11223344"},
		"unknown": {packet(unknown), "multifd: unknown ram block " + strings.Repeat("x", 255)},
		"far":     {packet(nowhere), "multifd: offset too long 9223372036854775808 (max 3000000)"},
		"between": {packet(between), "multifd: offset 17 is none of a page"},
		"method":  {packet(method), "multifd 1: flags received 2 flags expected 0"},
		"half":    {packet(one)[:100], "multifd: unexpected EOF after packet header"},
		"short":   {append(packet(one), make([]byte, 100)...), "Unexpected end-of-file before all data were read"},
	} {
		t.Run(name, func(t *testing.T) {
			p, path := waitingForLanes(t)
			main := setupStream(t)
			says(t, path, main)
			sync := packet(wire.MultiFDPacket{Flags: wire.MultiFDSync})
			says(t, path, append(lane(0), sync...))
			bad := says(t, path, append(append(lane(1), sync...), tc.packet...))
			bad.(*net.UnixConn).CloseWrite()
			p.reach(t, qapi.MigrationStatusFailed)
			if got := *p.Migration().Info().ErrorDesc; got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
			if _, err := io.Copy(io.Discard, bad); err != nil {
				t.Log(err)
			}
		})
	}
}

// setupStream is a main channel up to the end of ram's first section.
func setupStream(t *testing.T) []byte {
	b := wire.AppendHeader(nil)
	b = append(b, byte(wire.Configuration), 0, 0, 0, 7)
	b = append(b, "memtest"...)
	b = append(b, byte(wire.SectionStart), 0, 0, 0, 1, 3)
	b = append(b, "ram"...)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 4)
	b = wire.AppendRAM(b, proverRAM, wire.RAMMemSize)
	b = wire.AppendRAMSize(b, "memtest.ram", proverRAM)
	b = wire.AppendRAM(b, 0, wire.RAMMultiFDFlush)
	b = wire.AppendRAM(b, 0, wire.RAMEOS)
	return append(b, byte(wire.SectionFooter), 0, 0, 0, 1)
}
