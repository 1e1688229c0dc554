package core

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/wire"
	"qmpmigrate/core/wire/wiretest"
	"qmpmigrate/qapi"
)

// primary72 is what a QEMU 7.2 said in lock step: its first migration and three checkpoints. Its guest counts in the
// byte at 0x8000.
//
//go:embed testdata/qemu-7.2-colo.primary.gz
var primary72 []byte

func unpacked(t testing.TB, packed []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A machine that is adopted keeps the last checkpoint of a real QEMU that is gone, and can be handed on.
func TestLockstepOfRealQEMU(t *testing.T) {
	m := newShadow(t)
	stream := unpacked(t, primary72)
	answers := m.follow(t, stream)
	ready := []wire.COLOMessage{wire.COLOCheckpointReady}
	for range 3 {
		ready = append(ready, wire.COLOCheckpointReply, wire.COLOVMStateReceived, wire.COLOVMStateLoaded)
	}
	if got := answers(len(ready)); !slices.Equal(got, ready) {
		t.Errorf("it answered %v", got)
	}
	m.events.await(t, "COLO_EXIT secondary error")
	if err := m.XCOLOLostHeartbeat(t.Context()); err != nil {
		t.Fatal(err)
	}
	(&prover{Machine: m.Machine}).reach(t, completed)
	// The page as the last record in the stream has it.
	at := -1
	for _, record := range [][]byte{
		binary.BigEndian.AppendUint64(nil, 0x8000|uint64(wire.RAMPage|wire.RAMContinue)),
		append(binary.BigEndian.AppendUint64(nil, 0x8000|uint64(wire.RAMPage)), "\x06pc.ram"...),
	} {
		if i := bytes.LastIndex(stream, record); i >= 0 {
			at = max(at, i+len(record))
		}
	}
	if at < 0 {
		t.Fatal("the stream has no such page")
	}
	page := stream[at:][:4096]
	for _, b := range m.Guest().Blocks() {
		if b.Name() == "pc.ram" && !bytes.Equal(b.Page(8), page) {
			t.Errorf("page 8 begins with %x, the last checkpoint has %x", b.Page(8)[0], page[0])
		}
	}
	if err := m.Guest().Loaded(); err != nil || m.RunState() != qapi.RunStatePaused {
		t.Errorf("it is %s, %v", m.RunState(), err)
	}
	if err := m.Cont(t.Context()); err == nil || err.Error() != adopt.ErrCannotRun.Error() {
		t.Errorf("cont: %v", err)
	}
}

// shadow is a machine that adopts what a primary sends.
type shadow struct {
	*scripted
	events *record
}

func newShadow(t *testing.T) *shadow {
	f := &shadow{scripted: &scripted{failed: make(chan error, 1)}, events: &record{}}
	f.Machine = NewRelay(Config{Incoming: true, Events: f.events, Failed: func(err error) { f.failed <- err }, Report: func(text string) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.reports = append(f.reports, text)
	}}, adopt.New())
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	(&prover{Machine: f.Machine}).enable(t, qapi.MigrationCapabilityEvents, xcolo)
	return f
}

// follow sends data and hangs up; the function that it gives waits for so many answers.
func (f *shadow) follow(t *testing.T, data []byte) (answers func(n int) []wire.COLOMessage) {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "unix", strings.TrimPrefix(f.listen(t), "unix:"))
	if err != nil {
		t.Fatal(err)
	}
	var talk sync.WaitGroup
	t.Cleanup(func() { conn.Close(); talk.Wait() })
	talk.Go(func() {
		_, _ = conn.Write(data)
		_ = conn.(*net.UnixConn).CloseWrite()
	})
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	return func(n int) (list []wire.COLOMessage) {
		var b [wire.COLOMessageSize]byte
		for range n {
			if _, err := io.ReadFull(conn, b[:]); err != nil {
				t.Fatalf("after %v: %v", list, err)
			}
			list = append(list, wire.ParseCOLO(b))
		}
		return list
	}
}

// adoptable is a whole first migration of a primary with one block of RAM and one device.
func adoptable() script {
	s := wiretest.Header("test").Command(wire.CmdEnableCOLO)
	opening := wiretest.Opening("test", "ram", scriptRAM)
	s = s.Then(opening[bytes.Index(opening, []byte("\x03ram"))-5:]...).Pages("ram", 0, 2).Device()
	text := `{"page_size": 4096, "devices": [{"name": "device", "instance_id": 0, "vmsd_name": "device", "version": 1, ` +
		`"fields": [{"name": "data", "type": "buffer", "size": 4}]}]}`
	s = s.Then(byte(wire.EOF), byte(wire.VMDescription))
	return append(binary.BigEndian.AppendUint32(s, uint32(len(text))), text...)
}

func (f *shadow) ended(t *testing.T, want string) {
	t.Helper()
	f.events.await(t, "COLO_EXIT secondary error")
	deadline := time.Now().Add(time.Minute)
	for !strings.Contains(f.said(), want) && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if got := f.said(); !strings.Contains(got, want) {
		t.Errorf("it said %s", got)
	}
	if s := *f.Migration().Info().Status; s != colo {
		t.Errorf("it is %s", s)
	}
}

// A primary that lies ends the lock step with the reason; the machine is as it was at the last whole checkpoint.
func TestHostilePrimaries(t *testing.T) {
	begun := script(wire.AppendCOLO(nil, wire.COLOCheckpointRequest))
	sent := script(wire.AppendCOLO(slices.Clip(begun), wire.COLOVMStateSend))
	sized := func(n uint64) script {
		return script(wire.AppendCOLOValue(slices.Clip(sent.Then(byte(wire.EOF))), wire.COLOVMStateSize, n))
	}
	blob := func(body ...byte) script { return sized(uint64(len(body))).Then(body...) }
	device := script(nil).Device()
	other := script(bytes.Replace(device, []byte("body"), []byte("evil"), 1))
	for want, data := range map[string]script{
		"Got unknown COLO message: 3":                             script(wire.AppendCOLO(nil, wire.COLOVMStateSend)),
		"colo_receive_message: Invalid message":                   script(nil).Then(0, 0, 0, 7),
		"Can't receive COLO message: Input/output error":          script(nil).Then(0, 0),
		"Unexpected COLO message 1, expected 3":                   begun.Then(0, 0, 0, 1),
		"Unexpected COLO message 0, expected 4":                   sent.Then(0, 0, 0, 0, 0),
		"Unknown savevm section 9":                                sent.Then(3, 0, 0, 0, 9),
		"Unknown savevm section type 255":                         sent.Then(255),
		"stands where none of its kind can":                       sent.Then(device...),
		"command PACKAGED at a checkpoint":                        sent.Command(wire.CmdPackaged, 0, 0, 0, 1),
		"command OPEN_RETURN_PATH at a checkpoint":                sent.Command(wire.CmdOpenReturnPath),
		"Load VM's live state (ram) error":                        sent.Pages("none", 0, 1),
		"Illegal RAM offset":                                      sent.Pages("ram", scriptRAM/4096, 1),
		"Unreasonably large device state: 9223372036854775808":    sized(1 << 63),
		"Got 2 VMState data, less than expected 3":                sized(3).Then(1, 2),
		"COLO: load device state failed: section header, at":      blob(),
		"COLO: load device state failed: command, at":             blob(script(nil).Command(wire.CmdPing, 0, 0, 0, 0)...),
		"COLO: load device state failed: error while loading st":  blob(other.Then(0, 0)...),
		"COLO: load device state failed: error while loading":     blob(other[:len(other)-2]...),
		"COLO: load device state failed: section header, at offs": blob(other...),
	} {
		t.Run(want, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			f := newShadow(t)
			f.follow(t, adoptable().Then(data...))
			f.ended(t, want)
			runtime.ReadMemStats(&after)
			if cost := after.TotalAlloc - before.TotalAlloc; cost > slack {
				t.Errorf("%d bytes were allocated", cost)
			}
			if err := f.XCOLOLostHeartbeat(t.Context()); err != nil {
				t.Fatal(err)
			}
			(&prover{Machine: f.Machine}).reach(t, completed)
			if list := f.Guest().Devices(); len(list) != 1 || string(list[0].State.(*savevm.Opaque).Body) != "body" {
				t.Errorf("its devices are %v", list)
			}
		})
	}
}
