package savevm

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/core/wire"
)

// machine is a target with one counter device, or one that takes anything.
type machine struct {
	conf    *Configuration
	ticks   uint32
	opaque  bool
	devices []Device
	text    []byte
}

func (m *machine) ticker() Device {
	return Device{IDStr: "ticker", Instance: 3, State: &vmstate.Description{
		Name: "ticker", Version: 2, MinVersion: 2,
		Fields: []vmstate.Field{vmstate.Uint32("ticks", &m.ticks)},
	}}
}

func (m *machine) Configure(c *Configuration) error {
	m.conf = c
	if c.Machine == "wrong" {
		return errors.New("Machine type received is 'wrong' and local is 'test'")
	}
	return nil
}

func (m *machine) Device(idstr string, instance uint32) (State, bool) {
	if m.opaque {
		d := Device{IDStr: idstr, Instance: instance, State: &Opaque{}}
		m.devices = append(m.devices, d)
		return d.State, true
	}
	if d := m.ticker(); d.IDStr == idstr && d.Instance == instance {
		return d.State, true
	}
	return nil, false
}

func (m *machine) Describe(text []byte) error {
	m.text = text
	if len(text) == 0 {
		return errors.New("no description")
	}
	if m.opaque {
		return CheckDescription(text, m.devices)
	}
	return nil
}

// pile is a mover whose bodies are one byte each.
type pile struct{ got []byte }

func (p *pile) Load(r *stream.Reader, _ uint32) error {
	p.got = append(p.got, r.U8())
	return r.Err()
}

// heap is the other half of a pile: bytes that count up.
type heap struct{ last uint8 }

func (h *heap) put(w *stream.Writer) error {
	h.last++
	w.U8(h.last)
	return nil
}

func (h *heap) Start(w *stream.Writer, _ time.Time) error      { return h.put(w) }
func (h *heap) Pending() uint64                                { return 0 }
func (h *heap) Sync(time.Time) uint64                          { return 0 }
func (h *heap) Active() bool                                   { return true }
func (h *heap) Iterate(w *stream.Writer, _ func() int64) error { return h.put(w) }
func (h *heap) Complete(w *stream.Writer) error                { return h.put(w) }
func (h *heap) Close()                                         {}

func save(t testing.TB, c *Configuration, m *machine) []byte {
	t.Helper()
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	s := NewSaver(w)
	s.Begin(c)
	live := Live{IDStr: "pile", Instance: 7, Version: 1, Source: &heap{}}
	if err := s.Start(&live, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Part(&live, nil); err != nil {
		t.Fatal(err)
	}
	s.Command(wire.CmdSwitchoverStart, nil)
	if err := s.End(&live); err != nil {
		t.Fatal(err)
	}
	if err := s.Device(m.ticker()); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func load(data []byte, m *machine) (*pile, []wire.CommandCode, error) {
	p := &pile{}
	var commands []wire.CommandCode
	l := &Loader{Target: m, Live: []Live{{IDStr: "pile", Instance: 7, Version: 1, Target: p}}, Command: func(c wire.CommandCode, _ []byte) error {
		commands = append(commands, c)
		return nil
	}}
	return p, commands, l.Load(stream.NewReader(bytes.NewReader(data)))
}

func TestRoundTrip(t *testing.T) {
	id := uuid.MustParse("11223344-5566-7788-99aa-bbccddeeff00")
	for _, conf := range []*Configuration{
		{Machine: "test"},
		{Machine: "pc-q35-10.0", PageBits: 14, Capabilities: []string{"x-ignore-shared", "mapped-ram"}, UUID: &id},
	} {
		data := save(t, conf, &machine{ticks: 77})
		for _, m := range []*machine{{}, {opaque: true}} {
			p, commands, err := load(data, m)
			if err != nil {
				t.Fatal(err)
			}
			if string(p.got) != "\x01\x02\x03" || len(commands) != 1 || !reflect.DeepEqual(m.conf, conf) {
				t.Errorf("got %v, %v, %+v", p.got, commands, m.conf)
			}
			if !m.opaque && m.ticks != 77 {
				t.Errorf("%d ticks", m.ticks)
			}
			if m.opaque {
				o := m.devices[0].State.(*Opaque)
				if !bytes.Equal(o.Body, []byte{0, 0, 0, 77}) || o.Version != 2 {
					t.Errorf("opaque body % x, version %d", o.Body, o.Version)
				}
			}
		}
	}
}

// An opaque device goes on as it came.
func TestOpaqueIsSentOn(t *testing.T) {
	data := save(t, &Configuration{Machine: "test"}, &machine{ticks: 5})
	m := &machine{opaque: true}
	if _, _, err := load(data, m); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := stream.NewWriter(&out)
	s := NewSaver(w)
	s.Begin(m.conf)
	for _, d := range m.devices {
		if err := s.Device(d); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Finish(m.text); err != nil {
		t.Fatal(err)
	}
	var again machine
	if _, _, err := load(out.Bytes(), &again); err != nil || again.ticks != 5 {
		t.Errorf("%v, %d ticks", err, again.ticks)
	}
}

func TestLoaderRefuses(t *testing.T) {
	good := save(t, &Configuration{Machine: "test"}, &machine{})
	change := func(f func(b []byte) []byte) []byte { return f(bytes.Clone(good)) }
	replace := func(old, new string) []byte {
		return change(func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) })
	}
	footer := string(wire.AppendFooter(nil, 1))
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"empty", "header, at offset 0", nil},
		{"magic", "Not a migration stream", []byte("QEVX\x00\x00\x00\x03")},
		{"version 2", "SaveVM v2 format is obsolete", []byte("QEVM\x00\x00\x00\x02")},
		{"version 9", "Unsupported migration stream version", []byte("QEVM\x00\x00\x00\x09")},
		{"no configuration", "Configuration section missing", []byte("QEVM\x00\x00\x00\x03\x01")},
		{"long machine name", "machine name of 2147483648 bytes", []byte("QEVM\x00\x00\x00\x03\x07\x80\x00\x00\x00")},
		{"other machine", "Machine type received is 'wrong'", replace("\x04test", "\x05wrong")},
		{"section type", "Unknown savevm section type 153", replace("\x01\x00\x00\x00\x01\x04pile", "\x99")},
		{"unknown iterable", "Unknown savevm section or instance 'pole' 7", replace("pile", "pole")},
		{"iterable's instance", "Unknown savevm section or instance 'pile' 8", replace("pile\x00\x00\x00\x07", "pile\x00\x00\x00\x08")},
		{"iterable's version", "savevm: unsupported version 2 for 'pile' v1", replace("\x07\x00\x00\x00\x01", "\x07\x00\x00\x00\x02")},
		{"unknown device", "Unknown savevm section or instance 'tacker' 3", replace("ticker", "tacker")},
		{"device version", "savevm: unsupported version 9 for 'ticker' v2", replace("ticker\x00\x00\x00\x03\x00\x00\x00\x02", "ticker\x00\x00\x00\x03\x00\x00\x00\x09")},
		{"no footer", "Missing section footer for pile", replace(footer, "")},
		{"wrong footer", "Mismatched section id in footer for pile - read 0x9 expected 0x1", replace(footer, "\x7e\x00\x00\x00\x09")},
		{"unknown part", "Unknown savevm section 8", replace("\x02\x00\x00\x00\x01", "\x02\x00\x00\x00\x08")},
		{"command length", "SWITCHOVER_START received with bad length - expecting 0, got 1", replace("\x08\x00\x0b\x00\x00", "\x08\x00\x0b\x00\x01")},
		{"id twice", "section id 1 is used twice", replace("\x04\x00\x00\x00\x02", "\x04\x00\x00\x00\x01")},
		{"huge description", "length 4294967295 is above the limit", change(func(b []byte) []byte {
			return append(b[:bytes.LastIndex(b, []byte("\x00\x06"))], "\x00\x06\xff\xff\xff\xff{"...)
		})},
		{"no description", "vmdescription, at offset", change(func(b []byte) []byte {
			return b[:bytes.LastIndex(b, []byte("\x00\x06"))+1]
		})},
		{"other end", "Expected vmdescription section, but got 7", change(func(b []byte) []byte {
			return append(b[:bytes.LastIndex(b, []byte("\x00\x06"))], 0, 7)
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := load(c.data, &machine{})
			var at *LoadError
			if !errors.As(err, &at) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestDescriptionMustFit(t *testing.T) {
	good := save(t, &Configuration{Machine: "test"}, &machine{})
	for _, c := range []struct{ old, new, want string }{
		{`"size": 4`, `"size": 3`, "1 bytes are left over"},
		{`"size": 4`, `"size": 9`, "9 bytes are described"},
		{`"name": "ticker"`, `"name": "tacker"`, "section 'ticker' 3 at offset"},
		{`"devices": [{`, `"devices": [{"name": "ghost", "instance_id": 0}, {`, "'ghost' 0 is described, but did not come"},
		{`"devices": [`, `"devices": ]`, "vmdescription"},
	} {
		data := bytes.Replace(bytes.Clone(good), []byte(c.old), []byte(c.new), 1)
		at := bytes.LastIndex(data, []byte("\x00\x06")) + 2
		text := data[at+4:]
		data = append(data[:at:at], byte(len(text)>>24), byte(len(text)>>16), byte(len(text)>>8), byte(len(text)))
		if _, _, err := load(append(data, text...), &machine{opaque: true}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.new, err, c.want)
		}
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	cause := errors.New("cause")
	for want, e := range map[string]*LoadError{
		"error while loading state for instance 0x2 of device 'a', at offset 7 of the stream: cause": {Section: "a", Instance: 2, First: true, Offset: 7, Err: cause},
		"error while loading state section id 5(ram), at offset 7 of the stream: cause":              {Section: "ram", ID: 5, Offset: 7, Err: cause},
		"header, at offset 7 of the stream: cause":                                                   {Section: "header", Unnamed: true, Offset: 7, Err: cause},
	} {
		if e.Error() != want || !errors.Is(e, cause) {
			t.Errorf("%s", e)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(save(f, &Configuration{Machine: "test"}, &machine{}), true)
	f.Add(save(f, &Configuration{Machine: "test", PageBits: 13}, &machine{}), false)
	f.Fuzz(func(t *testing.T, data []byte, opaque bool) {
		m := &machine{opaque: opaque}
		_, _, err := load(data, m)
		var at *LoadError
		if err != nil && (!errors.As(err, &at) || at.Offset > int64(len(data))) {
			t.Fatalf("%v", err)
		}
	})
}
