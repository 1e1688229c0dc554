package colo

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// hearing is a talk in which the other end says data and is gone.
func hearing(data []byte) *Talk {
	return NewTalk(stream.NewReader(bytes.NewReader(data)), stream.NewWriter(io.Discard))
}

func said(t *testing.T, what string, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestWhatIsHeard(t *testing.T) {
	const lost = "Input/output error"
	for _, c := range []struct{ bytes, any, ready, request, state string }{
		{bytes: "00000000", request: "Got unknown COLO message: 0", state: "Unexpected COLO message 0, expected 4"},
		{bytes: "00000001", ready: "Unexpected COLO message 1, expected 0", state: "Unexpected COLO message 1, expected 4"},
		{bytes: "00000004", ready: "Unexpected COLO message 4, expected 0", request: "Got unknown COLO message: 4",
			state: "Failed to get value for COLO message: vmstate-size: " + lost},
		{bytes: "00000004 0000000000000000", ready: "Unexpected COLO message 4, expected 0", request: "Got unknown COLO message: 4"},
		{bytes: "00000004 8000000000000000", ready: "Unexpected COLO message 4, expected 0", request: "Got unknown COLO message: 4",
			state: "Unreasonably large device state: 9223372036854775808"},
		{bytes: "00000004 0000000000000003 0102", ready: "Unexpected COLO message 4, expected 0", request: "Got unknown COLO message: 4",
			state: "Got 2 VMState data, less than expected 3"},
		{bytes: "00000007", any: "colo_receive_message: Invalid message", ready: "colo_receive_message: Invalid message",
			request: "colo_receive_message: Invalid message", state: "colo_receive_message: Invalid message"},
		{bytes: "000000", any: "Can't receive COLO message: " + lost, ready: "Can't receive COLO message: " + lost,
			request: "Can't receive COLO message: " + lost, state: "Can't receive COLO message: " + lost},
	} {
		data, err := hex.DecodeString(strings.ReplaceAll(c.bytes, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		_, err = hearing(data).Receive()
		said(t, c.bytes, err, c.any)
		said(t, c.bytes+" as ready", hearing(data).Expect(wire.COLOCheckpointReady), c.ready)
		said(t, c.bytes+" as request", hearing(data).ExpectRequest(), c.request)
		_, err = hearing(data).State(nil)
		said(t, c.bytes+" as state", err, c.state)
	}
}

func TestWhatIsSaid(t *testing.T) {
	var out bytes.Buffer
	var told []string
	talk := NewTalk(stream.NewReader(&out), stream.NewWriter(&out))
	talk.Sent = func(m wire.COLOMessage) { told = append(told, "sent "+m.String()) }
	talk.Received = func(m wire.COLOMessage) { told = append(told, "received "+m.String()) }
	state := bytes.Repeat([]byte("state"), 100000)
	said(t, "request", talk.Send(wire.COLOCheckpointRequest), "")
	said(t, "size", talk.SendValue(wire.COLOVMStateSize, uint64(len(state))), "")
	out.Write(state)
	said(t, "heard", talk.ExpectRequest(), "")
	got, err := talk.State(nil)
	said(t, "state", err, "")
	if !bytes.Equal(got, state) {
		t.Errorf("%d bytes came", len(got))
	}
	const want = "sent checkpoint-request, sent vmstate-size, received checkpoint-request, received vmstate-size"
	if all := strings.Join(told, ", "); all != want {
		t.Errorf("%s", all)
	}
	broken := NewTalk(stream.NewReader(&out), stream.NewWriter(deaf{}))
	said(t, "deaf", broken.Send(wire.COLOCheckpointRequest), "Can't send COLO message: nobody there")
	broken = NewTalk(stream.NewReader(&out), stream.NewWriter(deaf{}))
	said(t, "deaf", broken.SendValue(wire.COLOVMStateSize, 1), "Failed to send value for message:vmstate-size: nobody there")
}

type deaf struct{}

func (deaf) Write([]byte) (int, error) { return 0, errors.New("nobody there") }

// The next checkpoint needs no more memory than the last one.
func TestStateUsesItsMemoryAgain(t *testing.T) {
	one := append(wire.AppendCOLOValue(nil, wire.COLOVMStateSize, 1<<20), make([]byte, 1<<20)...)
	talk := hearing(bytes.Repeat(one, 12))
	buf, err := talk.State(nil)
	said(t, "state", err, "")
	if n := testing.AllocsPerRun(10, func() { buf, err = talk.State(buf) }); n > 0 || err != nil {
		t.Errorf("%v allocations, %v", n, err)
	}
}

// Whatever a primary says, in checkpoint after checkpoint: no more memory is taken than it sends, and what is taken is what
// it sent.
func FuzzState(f *testing.F) {
	request := wire.AppendCOLO(nil, wire.COLOCheckpointRequest)
	begin := wire.AppendCOLO(request, wire.COLOVMStateSend)
	f.Add(request)
	f.Add(wire.AppendCOLO(request, wire.COLOCheckpointReady))
	f.Add(wire.AppendCOLO(request, 1<<31))
	f.Add(wire.AppendCOLOValue(begin, wire.COLOVMStateSize, 1<<63))
	f.Add(wire.AppendCOLOValue(begin, wire.COLOVMStateSize, maxState))
	one := append(wire.AppendCOLOValue(begin, wire.COLOVMStateSize, 3), "abc"...)
	f.Add(one)
	f.Add(append(append(append(one, begin...), wire.AppendCOLOValue(nil, wire.COLOVMStateSize, 70000)...), make([]byte, 70000)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		talk := hearing(data)
		var heard []wire.COLOMessage
		talk.Received = func(m wire.COLOMessage) { heard = append(heard, m) }
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var buf []byte
		var sizes []int
		var err error
		for range 8 {
			if err = talk.ExpectRequest(); err == nil {
				err = talk.Expect(wire.COLOVMStateSend)
			}
			if err == nil {
				buf, err = talk.State(buf)
			}
			if err != nil {
				break
			}
			sizes = append(sizes, len(buf))
		}
		runtime.ReadMemStats(&after)
		if cost := after.TotalAlloc - before.TotalAlloc; cost > uint64(4*len(data))+2*stateChunk {
			t.Errorf("%d bytes were taken for %d", cost, len(data))
		}
		if err == nil != (len(sizes) == 8) || err != nil && err.Error() == "" {
			t.Errorf("%d checkpoints, and %v", len(sizes), err)
		}
		for i, m := range heard {
			if !m.Known() {
				t.Errorf("message %d is %d", i, m)
			}
		}
		at := 0
		for _, size := range sizes {
			at += 3*wire.COLOMessageSize + wire.COLOValueSize + size
		}
		if n := len(sizes); err == nil && !bytes.Equal(buf, data[at-sizes[n-1]:at]) {
			t.Error("something else came")
		}
	})
}
