package vfiosim

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// board is a machine with nothing but such a device.
type board struct{ dev *Device }

func (board) Configure(*savevm.Configuration) error { return nil }
func (board) Describe([]byte) error                 { return nil }

func (b board) Device(idstr string, instance uint32) (savevm.State, bool) {
	d := b.dev.Sections()[0]
	return d.State, d.IDStr == idstr && d.Instance == instance
}

// states notes the states that a device went through.
type states struct{ list []string }

func (s *states) Emit(e qapi.Event) {
	s.list = append(s.list, string(e.(*qapi.VFIOMigrationEvent).DeviceState))
}

func (s *states) String() string { return strings.Join(s.list, " ") }

func newDevice(t testing.TB, change func(c *Config)) (*Device, *states) {
	t.Helper()
	seen := &states{}
	c := Config{ID: "v0", Path: "v0", StateSize: 10*chunkSize + 100, InitialSize: 3 * chunkSize, Events: seen}
	if change != nil {
		change(&c)
	}
	d, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return d, seen
}

// sender is a source in the hands of a test.
type sender struct {
	t    testing.TB
	out  bytes.Buffer
	w    *stream.Writer
	s    *savevm.Saver
	live savevm.Live
	d    *Device
}

func newSender(t testing.TB, d *Device, p savevm.Plan) *sender {
	s := &sender{t: t, d: d, live: d.Live()[0]}
	s.w = stream.NewWriter(&s.out)
	s.s = savevm.NewSaver(s.w)
	s.s.Begin(&savevm.Configuration{Machine: "board"})
	s.must(d.source.Prepare(p))
	s.must(s.s.Start(&s.live, time.Now()))
	return s
}

func (s *sender) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// part sends so many chunks.
func (s *sender) part(chunks int) {
	s.must(s.s.Part(&s.live, func() int64 { chunks--; return int64(chunks + 1) }))
}

// stop ends the stream.
func (s *sender) stop() []byte {
	s.d.Stop()
	s.live.Source.Sync(time.Now())
	s.must(s.s.End(&s.live))
	s.must(s.s.Device(s.d.Sections()[0]))
	s.must(s.s.Finish(nil))
	s.live.Source.Close()
	return s.out.Bytes()
}

// sent gives what went out since the last call.
func (s *sender) sent() []byte {
	s.must(s.w.Flush())
	b := bytes.Clone(s.out.Bytes())
	s.out.Reset()
	return b
}

func load(ctx context.Context, d *Device, approve func() error, data []byte) error {
	if err := d.target.LoadSetup(ctx, approve); err != nil {
		return err
	}
	defer d.target.LoadCleanup()
	l := &savevm.Loader{Target: board{d}, Live: d.Live(), Command: func(wire.CommandCode, []byte) error { return nil }}
	return l.Load(stream.NewReader(bytes.NewReader(data)))
}

// A state that changes while it goes out arrives as it was in the end, whatever
// of it went out early.
func TestStateArrives(t *testing.T) {
	for name, c := range map[string]struct {
		precopy Precopy
		acks    bool
		want    string
	}{
		"all":            {PrecopyAll, false, "pre-copy pre-copy-p2p stop-copy stop"},
		"all, acks":      {PrecopyAll, true, "pre-copy pre-copy-p2p stop-copy stop"},
		"initial, acks":  {PrecopyInitial, true, "pre-copy pre-copy-p2p stop-copy stop"},
		"nothing":        {PrecopyNone, false, "running-p2p stop stop-copy stop"},
		"nothing, acks":  {PrecopyNone, true, "running-p2p stop stop-copy stop"},
		"initial, alone": {PrecopyInitial, false, "pre-copy pre-copy-p2p stop-copy stop"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				options := func(c2 *Config) { c2.Precopy, c2.DirtyRate = c.precopy, 10*chunkSize }
				src, seen := newDevice(t, options)
				src.Start()
				time.Sleep(750 * time.Millisecond)
				seen.list = nil
				s := newSender(t, src, savevm.Plan{SwitchoverAck: c.acks})
				for i := 0; i < 12 && src.source.Active(); i++ {
					time.Sleep(90 * time.Millisecond)
					s.live.Source.Sync(time.Now())
					s.part(2)
				}
				data := s.stop()
				if seen.String() != c.want {
					t.Errorf("the source was %s, want %s", seen, c.want)
				}
				if told := bytes.Count(data, []byte("\xff\xff\xff\xff\xef\x10\x00\x05")); told != map[bool]int{true: 1}[c.acks && c.precopy != PrecopyNone] {
					t.Errorf("told %d times that the initial data was sent", told)
				}
				acks := 0
				dst, seen := newDevice(t, options)
				if err := load(t.Context(), dst, func() error { acks++; return nil }, data); err != nil {
					t.Fatal(err)
				}
				dst.Start()
				if want := "resuming running-p2p running"; seen.String() != want {
					t.Errorf("the destination was %s, want %s", seen, want)
				}
				if needed := dst.target.SwitchoverAckNeeded() && c.acks; acks != map[bool]int{true: 1}[needed] {
					t.Errorf("%d acks", acks)
				}
				if a, b := src.contents.base, dst.contents.base; a != b || a == 0 {
					t.Errorf("rewritten %d times there, %d here", a, b)
				}
				// It goes on from here, and elsewhere.
				time.Sleep(time.Second)
				third, _ := newDevice(t, options)
				if err := load(t.Context(), third, nil, newSender(t, dst, savevm.Plan{}).stop()); err != nil {
					t.Error(err)
				}
				if want := src.contents.base + 10; third.contents.base != want {
					t.Errorf("rewritten %d times, want %d", third.contents.base, want)
				}
			})
		})
	}
}

// What takes time: making ready when the initial data is there, and the data itself.
func TestLoadingTakesTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		options := func(c *Config) { c.Prepare, c.LoadBandwidth = 1480*time.Millisecond, 20*chunkSize }
		src, _ := newDevice(t, options)
		src.Start()
		s := newSender(t, src, savevm.Plan{SwitchoverAck: true})
		s.part(100)
		if sent := src.source.VFIOTransferred(); sent != recordSize+3*maxRecord {
			t.Errorf("the first piece has %d bytes", sent)
		}
		early := s.sent()
		data := append(bytes.Clone(early), s.stop()...)

		dst, _ := newDevice(t, options)
		began, acked := time.Now(), time.Duration(0)
		approve := func() error {
			acked = time.Since(began)
			if left := dst.target.LoadEstimate(); left != 8*50*time.Millisecond {
				t.Errorf("when it is ready it needs %s more", left)
			}
			return nil
		}
		if err := load(t.Context(), dst, approve, data); err != nil {
			t.Fatal(err)
		}
		if want := 1480*time.Millisecond + 3*50*time.Millisecond; acked != want {
			t.Errorf("ready after %s, want %s", acked, want)
		}
		// The last chunk has 100 bytes.
		if took, want := time.Since(began), 1480*time.Millisecond+10*50*time.Millisecond; took < want || took > want+time.Millisecond {
			t.Errorf("loaded in %s, want %s", took, want)
		}
		if left := dst.target.LoadEstimate(); left != 0 {
			t.Errorf("at the end it needs %s more", left)
		}
		// Giving up ends the wait.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		dst, _ = newDevice(t, options)
		began = time.Now()
		if err := load(ctx, dst, approve, data); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}

// A source that may not tell early, and one that says so to nobody.
func TestInitialSentToNobody(t *testing.T) {
	src, _ := newDevice(t, nil)
	src.Start()
	s := newSender(t, src, savevm.Plan{SwitchoverAck: true})
	s.part(100)
	data := s.stop()
	const nobody = "v0: Received INIT_DATA_SENT but switchover ack is not used"
	for _, c := range []struct {
		precopy Precopy
		approve func() error
		want    string
	}{
		{PrecopyAll, nil, nobody},
		{PrecopyNone, func() error { return nil }, nobody},
		{PrecopyAll, func() error { return unix.EINVAL }, "v0: qemu_loadvm_approve_switchover failed, err=-22 (Invalid argument)"},
	} {
		dst, _ := newDevice(t, func(o *Config) { o.Precopy = c.precopy })
		if err := load(t.Context(), dst, c.approve, data); err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// Not one wrong byte is taken, and nothing that is missing.
func TestDamage(t *testing.T) {
	src, _ := newDevice(t, func(c *Config) { c.StateSize, c.InitialSize = 700, 300 })
	src.Start()
	s := newSender(t, src, savevm.Plan{})
	data := s.stop()
	// The description of the end is nobody's concern here.
	end := bytes.LastIndex(data, []byte("\x00\x06"))
	fine := 0
	for at := range end {
		bad := bytes.Clone(data)
		bad[at] ^= 1 << (at % 8)
		dst, _ := newDevice(t, func(c *Config) { c.StateSize, c.InitialSize = 700, 300 })
		if load(t.Context(), dst, nil, bad) == nil {
			fine++
		}
	}
	// The rest of the configuration space, and the machine's name.
	if most := configLength - 4 + len("board"); fine > most {
		t.Errorf("%d damaged streams were taken, at most %d may", fine, most)
	}
}

func FuzzLoad(f *testing.F) {
	small := func(c *Config) { c.StateSize, c.InitialSize = 700, 300 }
	src, _ := newDevice(f, small)
	src.Start()
	s := newSender(f, src, savevm.Plan{SwitchoverAck: true})
	s.part(5)
	f.Add(s.stop()[30:], true)
	f.Add([]byte("\xff\xff\xff\xff\xef\x10\x00\x04\xff\xff\xff\xff\xff\xff\xff\xff"), false)
	f.Fuzz(func(t *testing.T, data []byte, acks bool) {
		dst, _ := newDevice(t, small)
		var approve func() error
		if acks {
			approve = func() error { return nil }
		}
		if err := dst.target.LoadSetup(t.Context(), approve); err != nil {
			t.Fatal(err)
		}
		r := stream.NewReader(bytes.NewReader(data))
		for r.Err() == nil && dst.target.Load(r, 1) == nil {
		}
		if dst.target.whole && dst.target.missing > 0 {
			t.Error("taken without all of its chunks")
		}
		_ = dst.Sections()[0].State.Load(stream.NewReader(bytes.NewReader(data)), 1)
		dst.target.LoadCleanup()
	})
}
