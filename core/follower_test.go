package core

import (
	"bytes"
	"encoding/hex"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// Where a follower speaks: behind these commands of the stream.
var (
	atRun    = wire.AppendCommand(nil, wire.CmdPostcopyRun, nil)
	atResume = wire.AppendCommand(nil, wire.CmdPostcopyResume, nil)
	// The only block of a counter.
	atBitmap = wire.AppendCommand(nil, wire.CmdRecvBitmap, wire.AppendCounted(nil, "counter.ram"))
	// The end of a body of the ram section, and its footer: pages have come.
	atPages = append(wire.AppendRAM(nil, 0, wire.RAMEOS), 0x7e)
)

// turnOf is what a follower says once mark has come in the stream.
type turnOf struct {
	mark []byte
	says []byte
}

// follower is a destination that takes whatever comes on one connection, and
// says what it is told to. It hangs up at the end where it shall.
func follower(t *testing.T, hangsUp bool, turns ...turnOf) (uri string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mig")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		conn, err := l.Accept()
		l.Close()
		if err != nil {
			return
		}
		defer conn.Close()
		for _, turn := range turns {
			if !passes(conn, turn.mark) {
				return
			}
			if _, err := conn.Write(turn.says); err != nil {
				return
			}
		}
		if !hangsUp {
			_, _ = io.Copy(io.Discard, conn) // until the source hangs up
		}
	}()
	t.Cleanup(func() { l.Close(); <-over })
	return "unix:" + path
}

// passes reads until mark has come.
func passes(in io.Reader, mark []byte) bool {
	var tail []byte
	part := make([]byte, 64<<10)
	for {
		n, err := in.Read(part)
		if err != nil {
			return false
		}
		tail = append(tail, part[:n]...)
		if bytes.Contains(tail, mark) {
			return true
		}
		tail = append([]byte(nil), tail[max(0, len(tail)-len(mark)):]...)
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// follow sends the VM by postcopy, before much of it is there.
func (s *side) follow(t *testing.T, uri string) {
	t.Helper()
	s.enable(t, postcopyRAM)
	s.set(t, qapi.MigrateSetParameters{MaxBandwidth: new(uint64(5000))})
	s.send(t, uri)
	if err := s.MigrateStartPostcopy(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// reaches waits for a status, and gives what is wrong then.
func (s *side) reaches(t *testing.T, want qapi.MigrationStatus) (text string) {
	t.Helper()
	return awaitStatus(t, s.Machine, want)
}
