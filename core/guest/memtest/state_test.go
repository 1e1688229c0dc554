package memtest

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/vmstate"
)

func drawWorkload(t *rapid.T) Workload {
	switch rapid.SampledFrom([]string{"sweep", "stress", "idle"}).Draw(t, "workload") {
	case "sweep":
		return &Sweep{Rate: rapid.Uint64().Draw(t, "rate")}
	case "idle":
		return &Idle{}
	}
	return &Stress{
		Seed:       rapid.Uint64().Draw(t, "seed"),
		WorkingSet: rapid.Uint64Range(0, 300*memory.PageSize).Draw(t, "set"),
		UpdateSize: rapid.Uint16Range(0, 5000).Draw(t, "update"),
		Fill:       rapid.Uint8Range(0, 100).Draw(t, "fill"),
		ZeroShare:  rapid.Uint8Range(0, 50).Draw(t, "zero"),
		Entropy:    rapid.Uint8Range(0, 100).Draw(t, "entropy"),
	}
}

// A guest that is moved, twice, ends exactly where one ends that stayed: its
// memory byte for byte, and its output. The destinations know nothing of the
// workload but what comes with the stream.
func TestMovedGuestGoesOnExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cpus := rapid.IntRange(1, 4).Draw(t, "cpus")
		c := Config{RAMSize: sweepRAM(3), VCPUs: cpus, Workload: drawWorkload(t)}
		stayedOut, movedOut := newTerminal(), newTerminal()
		c.Serial = stayedOut
		stayed := newMachine(t, c)
		c.Serial = movedOut
		moved := newMachine(t, c)

		steps := rapid.SliceOfN(rapid.IntRange(0, 400), 3*cpus, 3*cpus).Draw(t, "steps")
		for leg := range 3 {
			if leg > 0 {
				to := newMachine(t, Config{RAMSize: c.RAMSize, VCPUs: cpus, Serial: movedOut, Incoming: true})
				move(t, moved, to)
				moved = to
			}
			for cpu := range cpus {
				advance(t, stayed, cpu, steps[leg*cpus+cpu])
				advance(t, moved, cpu, steps[leg*cpus+cpu])
			}
		}
		mustBeGood(t, moved)
		if !bytes.Equal(stayed.board.ram.Bytes(), moved.board.ram.Bytes()) {
			t.Fatal("memory differs")
		}
		if a, b := stayedOut.String(), movedOut.String(); a != b {
			t.Fatalf("output differs: %q, moved %q", a, b)
		}
		if a, b := stayed.program.rate(), moved.program.rate(); a != b {
			t.Fatalf("rate %d, moved %d", a, b)
		}
	})
}

// A guest that never ran starts at the beginning where it arrives.
func TestMovedBeforeItRan(t *testing.T) {
	out := newTerminal()
	from := newMachine(t, Config{RAMSize: 2 << 20})
	to := newMachine(t, Config{RAMSize: 2 << 20, Serial: out, Incoming: true})
	move(t, from, to)
	advance(t, to, 0, 300)
	if out.String() != "A" {
		t.Errorf("output %q", out)
	}
	full := newMachine(t, Config{RAMSize: 1 << 20, Workload: NewStress()})
	to = newMachine(t, Config{RAMSize: 1 << 20, Workload: NewStress(), Incoming: true})
	move(t, full, to)
	advance(t, to, 0, 10)
	mustBeGood(t, to)
}

// Without any state the memory of an incoming machine stays what it is.
func TestIncomingDoesNotFill(t *testing.T) {
	m := newMachine(t, Config{RAMSize: 1 << 20, Workload: NewStress(), Incoming: true})
	advance(t, m, 0, 0)
	if r := verify(t, m); r.Count(Lost) != 256 || len(r.Findings) != MaxFindings {
		t.Errorf("lost %d, listed %d", r.Count(Lost), len(r.Findings))
	}
}

// Bytes that wait in the port go with the guest.
func TestSerialMigrates(t *testing.T) {
	out := newTerminal()
	from := newMachine(t, Config{RAMSize: 1 << 20})
	to := newMachine(t, Config{RAMSize: 1 << 20, Serial: out, Incoming: true})
	for _, b := range []byte("hello") {
		from.serial.put(b)
	}
	move(t, from, to)
	if err := to.Start(); err != nil {
		t.Fatal(err)
	}
	out.wait(5)
	to.Stop()
	if out.String() != "hello" {
		t.Errorf("got %q", out)
	}
}

func TestDevicesHaveTheNamesOneExpects(t *testing.T) {
	m := newMachine(t, Config{VCPUs: 2})
	var names []string
	for _, d := range m.Devices() {
		names = append(names, d.IDStr+string('0'+rune(d.Instance)))
	}
	if got := strings.Join(names, " "); got != "cpu0 cpu1 serial0 memtest-workload0" {
		t.Errorf("devices %s", got)
	}
	d, w := vmstate.NewDescWriter(), stream.NewWriter(io.Discard)
	d.OpenDevices(memory.PageSize)
	for _, dev := range m.Devices() {
		d.OpenDevice(dev.IDStr, dev.Instance)
		if err := dev.State.Save(w, d); err != nil {
			t.Fatal(err)
		}
		d.CloseDevice()
	}
	text := string(d.Close())
	for _, want := range []string{`"name": "steps"`, `"vmsd_name": "memtest-workload/sweep"`, `"name": "xmit_fifo.data"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in the description: %s", want, text)
		}
	}
}

func TestBadStateIsRefused(t *testing.T) {
	const size = 1 << 20
	two := newMachine(t, Config{RAMSize: size, VCPUs: 2, Workload: NewStress()})
	good := saveDevices(t, two)
	at := func(text string) int { return bytes.Index(good, []byte(text)) }
	for _, c := range []struct {
		name  string
		spoil func(b []byte) []byte
	}{
		{"unknown workload", func(b []byte) []byte { b[at("stress")] = 'S'; return b }},
		{"no options", func(b []byte) []byte { copy(b[at("stress"):], "sweep\x00"); return b }},
		{"unknown options", func(b []byte) []byte { b[at("/stress")+1] = 'S'; return b }},
		{"cut", func(b []byte) []byte { return b[:len(b)-1] }},
		{"a share above 100", func(b []byte) []byte { b[len(b)-1] = 101; return b }},
		{"too much in the FIFO", func(b []byte) []byte { b[16] = 17; return b }},
		{"number of vCPUs", func(b []byte) []byte { b[at("stress")+16+3] = 3; return b }},
	} {
		m := newMachine(t, Config{RAMSize: size, VCPUs: 2, Incoming: true})
		bad := c.spoil(bytes.Clone(good))
		if err := loadDevices(m.Devices(), bytes.NewReader(bad)); err == nil {
			t.Errorf("%s: loaded", c.name)
		}
		if err := loadDevices(m.Devices(), bytes.NewReader(good)); err != nil {
			t.Errorf("%s: the good state is refused afterwards: %v", c.name, err)
		}
	}
}

// Whatever a stream says of the devices, the guest runs and can be verified.
func FuzzLoadDevices(f *testing.F) {
	const size = 1<<20 + 4*memory.PageSize
	for _, w := range workloads() {
		m := newMachine(f, Config{RAMSize: size, VCPUs: 2, Workload: w, Incoming: true})
		advance(f, m, 0, 700)
		f.Add(saveDevices(f, m))
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		m := newMachine(t, Config{RAMSize: size, VCPUs: 2, Incoming: true})
		if loadDevices(m.Devices(), bytes.NewReader(state)) != nil {
			return
		}
		m.booted = true // what Boot would make of its memory is not the point
		advance(t, m, 0, 5)
		advance(t, m, 1, 5)
		verify(t, m)
	})
}
