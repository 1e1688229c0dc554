package answers

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"qmpmigrate/core/wire"
)

func TestReturnPath(t *testing.T) {
	var out bytes.Buffer
	var reports []string
	conf := Config{Acks: true, Report: func(text string) { reports = append(reports, text) }}
	p := &Path{conf: conf, out: &out, twoWay: true, devices: &Devices{}}
	oneWay, command := (&Path{out: &out}).Command, p.Command
	refused := func(err error, want string) {
		t.Helper()
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	refused(oneWay(wire.CmdOpenReturnPath, nil), "OPEN_RETURN_PATH on a channel that cannot carry it")
	refused(command(wire.CmdPing, []byte{0, 0, 0, 9}), "CMD_PING (0x9) received with no return path")
	refused(command(wire.CmdPostcopyAdvise, nil), "command POSTCOPY_ADVISE is not supported by this build")
	refused(command(77, []byte{1, 2}), "MIG_CMD 0x4d unknown (len 0x2)")
	if err := p.Shut(true); err != nil || out.Len() != 0 {
		t.Errorf("a path that nobody opened carried % x, %v", out.Bytes(), err)
	}
	for _, err := range []error{
		command(wire.CmdSwitchoverStart, nil),
		command(wire.CmdOpenReturnPath, nil),
		command(wire.CmdOpenReturnPath, nil),
		command(wire.CmdPing, []byte{0, 0, 0, 1}),
		p.Shut(true), p.Shut(false),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if got, want := hex.EncodeToString(out.Bytes()), "00070000"+"0002000400000001"+"0001000400000001"+"0001000400000000"; got != want {
		t.Errorf("answers are %s, want %s", got, want)
	}
	if got := strings.Join(reports, "; "); got != "CMD_OPEN_RETURN_PATH called when RP already open" {
		t.Errorf("reported %q", got)
	}
}
