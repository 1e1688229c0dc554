package answers

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/savevm"
	"qmpmigrate/core/wire"
)

// receiver is a device that tells what is asked of it.
type receiver struct {
	savevm.Mover
	name    string
	owes    bool
	told    *[]string
	refuses error
	approve func() error
}

func (r *receiver) tell(what string) { *r.told = append(*r.told, r.name+" "+what) }

func (r *receiver) LoadSetup(_ context.Context, approve func() error) error {
	r.tell("setup")
	r.approve = approve
	return r.refuses
}

func (r *receiver) SwitchoverAckNeeded() bool { return r.owes }
func (r *receiver) SwitchoverStart() error    { r.tell("switchover"); return r.refuses }
func (r *receiver) LoadCleanup()              { r.tell("cleanup") }

// receivers are a, b and c, of which b owes no ack, among a section that is no device.
func receivers() (live []savevm.Live, told *[]string, a, b, c *receiver) {
	told = &[]string{}
	a, b, c = &receiver{name: "a", owes: true}, &receiver{name: "b"}, &receiver{name: "c", owes: true}
	for _, r := range []*receiver{a, b, c} {
		r.told = told
		live = append(live, savevm.Live{IDStr: r.name + "/x", Target: r})
	}
	var plain struct{ savevm.Mover }
	return append(live, savevm.Live{IDStr: "plain", Target: plain}), told, a, b, c
}

// The source hears of the last device that is ready, and a device that says so
// once too often is wrong.
func TestAckOfTheLastDevice(t *testing.T) {
	live, told, a, _, c := receivers()
	var out bytes.Buffer
	p := &Path{conf: Config{Acks: true}, out: &out, twoWay: true}
	if err := p.Setup(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	command := p.Command
	for _, step := range []struct {
		do   func() error
		want error
		sent string
	}{
		{func() error { return command(wire.CmdOpenReturnPath, nil) }, nil, ""},
		{func() error { return a.approve() }, nil, ""},
		{func() error { return c.approve() }, nil, "00070000"},
		{func() error { return c.approve() }, unix.EINVAL, "00070000"},
		{func() error { return command(wire.CmdSwitchoverStart, nil) }, nil, "00070000"},
	} {
		if err := step.do(); !errors.Is(err, step.want) {
			t.Errorf("got %v, want %v", err, step.want)
		}
		if sent := hex.EncodeToString(out.Bytes()); sent != step.sent {
			t.Errorf("sent %s, want %s", sent, step.sent)
		}
	}
	p.Cleanup()
	want := "a setup, b setup, c setup, a switchover, b switchover, c switchover, a cleanup, b cleanup, c cleanup"
	if got := strings.Join(*told, ", "); got != want {
		t.Errorf("devices were asked %s", got)
	}
}

// Without the capability nobody can approve anything, and without a return path nobody hears of it.
func TestApproveForNobody(t *testing.T) {
	live, _, a, _, c := receivers()
	var out bytes.Buffer
	p := &Path{out: &out, twoWay: true}
	if err := p.Setup(t.Context(), live); err != nil || a.approve != nil {
		t.Errorf("%v, approve given: %v", err, a.approve != nil)
	}
	if err := p.Command(wire.CmdOpenReturnPath, nil); err != nil || out.Len() > 0 {
		t.Errorf("%v, sent % x", err, out.Bytes())
	}
	p = &Path{conf: Config{Acks: true}, out: &out, twoWay: true}
	if err := p.Setup(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	if err := a.approve(); err != nil {
		t.Fatal(err)
	}
	if err := c.approve(); !errors.Is(err, unix.EIO) || out.Len() > 0 {
		t.Errorf("%v, sent % x", err, out.Bytes())
	}
}

func TestDeviceThatCannotSetUp(t *testing.T) {
	live, told, _, b, _ := receivers()
	b.refuses = errors.New("no")
	p := &Path{}
	if err := p.Setup(t.Context(), live); err == nil || err.Error() != "Load state of device b/x failed: no" {
		t.Errorf("setup: %v", err)
	}
	if want := []string{"a setup", "b setup", "a cleanup"}; !slices.Equal(*told, want) {
		t.Errorf("devices were asked %q", *told)
	}
	b.refuses = nil
	if err := p.Setup(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	b.refuses = errors.New("not now")
	if err := p.Command(wire.CmdSwitchoverStart, nil); !errors.Is(err, b.refuses) {
		t.Errorf("switchover: %v", err)
	}
}
