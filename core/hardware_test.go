package core

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/core/machinetype"
	"qmpmigrate/core/memory"
	"qmpmigrate/qapi"
)

func machineOf(t *testing.T, typeName string, size uint64, b Board) *Machine {
	t.Helper()
	b.Type, _ = machinetype.Find(typeName)
	m, err := NewMemtest(Config{Paused: true, Board: b},
		memtest.Config{RAMSize: size, RAMName: b.Type.RAM, Workload: &memtest.Idle{}, VCPUs: max(b.CPUs, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// Where a pc has its RAM, as QEMU lays it out.
func TestMemoryMap(t *testing.T) {
	const mib, gib = uint64(1 << 20), uint64(1 << 30)
	for _, c := range []struct {
		name string
		size uint64
		want string
	}{
		{"memtest", 5 * gib, "0+140000000@0"},
		{"pc", 128 * mib, "0+8000000@0"},
		{"pc", 3584*mib - 4096, "0+dffff000@0"},
		{"pc", 3584 * mib, "0+c0000000@0 100000000+20000000@c0000000"},
		{"pc-i440fx-2.4", 5 * gib, "0+c0000000@0 100000000+80000000@c0000000"},
		{"q35", 2816*mib - 4096, "0+affff000@0"},
		{"q35", 2816 * mib, "0+80000000@0 100000000+30000000@80000000"},
	} {
		m := machineOf(t, c.name, c.size, Board{})
		var got []string
		for _, s := range m.memoryMap() {
			got = append(got, fmt.Sprintf("%x+%x@%x", s.addr, s.size, s.offset))
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s with %d MiB: %s, want %s", c.name, c.size/mib, text, c.want)
		}
	}
}

func TestPhysicalMemory(t *testing.T) {
	m := machineOf(t, "q35", 3<<30, Board{})
	ram := m.guest.Blocks()[0]
	for _, addr := range []uint64{0, 4095, 0x7fffffff, 0x80000000 - 4, 0x100000000 - 2, 0x13ffffffd, ^uint64(0) - 3} {
		word := binary.LittleEndian.AppendUint64(nil, 0x1122334455667788)
		if err := m.WritePhys(t.Context(), addr, word); err != nil {
			t.Fatal(err)
		}
		got := bytes.Repeat([]byte{9}, 8)
		if err := m.ReadPhys(t.Context(), addr, got); err != nil {
			t.Fatal(err)
		}
		for i := range got {
			at := addr + uint64(i)
			want := word[i]
			if at < addr || at >= 0x80000000 && at < 0x100000000 || at >= 0x140000000 {
				want = 0
			}
			if got[i] != want {
				t.Errorf("0x%x: %x, want %x", at, got[i], want)
			}
		}
	}
	for _, page := range []uint64{0, 1, 0x7ffff, 0x80000, 0xbffff} {
		if !ram.Populated(page) {
			t.Errorf("page 0x%x is not marked as written", page)
		}
	}
	if ram.Populated(2) {
		t.Error("a page that nobody wrote is marked")
	}
}

func TestPmemsave(t *testing.T) {
	m := machineOf(t, "pc", 1<<20, Board{})
	if err := m.WritePhys(t.Context(), 4093, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "memory")
	save := func(val, size int64, name string) error {
		return m.Pmemsave(t.Context(), &qapi.PmemsaveArgs{Val: val, Size: size, Filename: name})
	}
	for _, c := range []struct {
		val, size int64
		from      int // where in the file "hello" is, -1 for nowhere
	}{{0, 8192, 4093}, {4093, 5, 0}, {4096, 10 << 20, -1}, {1 << 50, 4096, -1}, {-1, 1, -1}, {0, 0, -1}} {
		if err := save(c.val, c.size, file); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(file)
		if err != nil || int64(len(data)) != c.size || bytes.Index(data, []byte("hello")) != c.from {
			t.Errorf("%+v: %d bytes, hello at %d: %v", c, len(data), bytes.Index(data, []byte("hello")), err)
		}
	}
	for name, want := range map[string]string{
		filepath.Join(dir, "x/y"): "Could not open '" + dir + "/x/y': No such file or directory",
		dir:                       "Could not open '" + dir + "': Is a directory",
		"/dev/full":               "writing memory to '/dev/full' failed",
	} {
		if err := save(0, 4096, name); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if save(0, -1, file) == nil || save(0, 1<<50, "/dev/null") == nil {
		t.Error("a size without bounds is accepted")
	}
}

func TestQueryCpus(t *testing.T) {
	m := machineOf(t, "pc", 1<<20, Board{CPUs: 5, Cores: 2, Threads: 2, Dies: 2, DebugThreads: true})
	list, err := m.QueryCpusFast(t.Context())
	if err != nil || len(list) != 5 {
		t.Fatal(len(list), err)
	}
	again, _ := m.QueryCpusFast(t.Context())
	seen := map[int64]bool{}
	for i, c := range list {
		p := c.Props
		place := fmt.Sprint(*p.SocketID, *p.DieID, *p.CoreID, *p.ThreadID)
		want := []string{"0 0 0 0", "0 0 0 1", "0 0 1 0", "0 0 1 1", "0 1 0 0"}[i]
		if c.CPUIndex != int64(i) || place != want || p.ModuleID != nil || again[i].ThreadID != c.ThreadID {
			t.Errorf("vCPU %d: index %d, at %s, thread %d then %d", i, c.CPUIndex, place, c.ThreadID, again[i].ThreadID)
		}
		name, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/comm", c.ThreadID))
		if err != nil || string(name) != fmt.Sprintf("CPU %d/TCG\n", i) || seen[c.ThreadID] {
			t.Errorf("thread %d is %q: %v", c.ThreadID, name, err)
		}
		seen[c.ThreadID] = true
	}
	if list[0].QomPath != "/machine/unattached/device[0]" || list[4].QomPath != "/machine/unattached/device[5]" {
		t.Error(list[0].QomPath, list[4].QomPath)
	}
}

// Only a pc has places for more vCPUs; tests/conformance has what they are.
func TestHotpluggableCPUs(t *testing.T) {
	if list, err := machineOf(t, "q35", 1<<20, Board{CPUs: 1, MaxCPUs: 3}).QueryHotpluggableCpus(t.Context()); err != nil || len(list) != 3 {
		t.Error(list, err)
	}
	_, err := machineOf(t, "memtest", 1<<20, Board{}).QueryHotpluggableCpus(t.Context())
	if err == nil || err.Error() != "machine does not support hot-plugging CPUs" {
		t.Error(err)
	}
}

// What the machine tells of its memory.
func TestQueryMemory(t *testing.T) {
	m := machineOf(t, "pc", 150<<20, Board{})
	ctx := t.Context()
	sum, err := m.QueryMemorySizeSummary(ctx)
	if err != nil || sum.BaseMemory != 150<<20 || *sum.PluggedMemory != 0 {
		t.Error(sum, err)
	}
	dev, err := m.QueryMemdev(ctx)
	if err != nil || len(dev) != 1 || *dev[0].ID != "pc.ram" || dev[0].Size != 150<<20 {
		t.Error(dev, err)
	}
	text, err := m.XQueryRamblock(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := "              Block Name    PSize              Offset               Used              Total                HVA  RO\n" +
		fmt.Sprintf("                  pc.ram    4 KiB  0x0000000000000000 0x0000000009600000 0x0000000009600000 0x%016x  rw\n",
			hostAddress(m.guest.Blocks()[0]))
	if text.HumanReadableText != want {
		t.Errorf("got\n%swant\n%s", text.HumanReadableText, want)
	}
	if c := m.guest.Configuration(); c.Machine != "pc-i440fx-10.0" {
		t.Errorf("the stream would say %s", c.Machine)
	}
}

func TestQueryMachines(t *testing.T) {
	m := machineOf(t, "pc", 1<<20, Board{})
	list, err := m.QueryMachines(t.Context(), &qapi.QueryMachinesArgs{CompatProps: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]qapi.MachineInfo{}
	for _, i := range list {
		if i.Alias != nil {
			found[*i.Alias] = i
		}
		found[i.Name] = i
	}
	if q := found["q35"]; q.Name != "pc-q35-10.0" || q.CPUMax != 4096 || q.CompatProps == nil || len(q.CompatProps) != 0 {
		t.Errorf("%s", q.AppendJSON(nil))
	}
	if p := found["pc-i440fx-8.2"]; len(p.CompatProps) != 3 || p.CompatProps[2].Property != "zero-page-detection" {
		t.Errorf("%s", p.AppendJSON(nil))
	}
}

// A machine without guest answers, and can even be migrated.
func TestEmptyMachine(t *testing.T) {
	events := newLog()
	m := NewEmpty(Config{Events: events})
	defer m.Close()
	ctx := t.Context()
	if err := m.Launch(); err != nil || m.RunState() != qapi.RunStateRunning {
		t.Fatal(m.RunState(), err)
	}
	cpus, err := m.QueryCpusFast(ctx)
	if err != nil || cpus == nil || len(cpus) != 0 {
		t.Error(cpus, err)
	}
	for want, err := range map[string]error{
		"machine does not provide NMIs":                       m.InjectNmi(ctx),
		"wake-up from suspend is not supported by this guest": m.SystemWakeup(ctx),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	uri := "file:" + filepath.Join(t.TempDir(), "stream")
	if err := errorsOf(m.SystemReset(ctx), m.Migrate(ctx, &qapi.MigrateArgs{URI: &uri}), m.Migration().Wait(ctx)); err != nil {
		t.Fatal(err)
	}
	if s := *m.Migration().Info().Status; s != qapi.MigrationStatusCompleted {
		t.Error(s)
	}
	b := make([]byte, memory.PageSize)
	if err := m.ReadPhys(t.Context(), 0, b); err != nil {
		t.Error(err)
	}
}
