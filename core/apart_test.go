package core

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
)

// eachEngine runs a test with the vCPUs here, and with them in processes of their own.
func eachEngine(t *testing.T, test func(t *testing.T, apart bool)) {
	for name, apart := range map[string]bool{"soft": false, "apart": true} {
		t.Run(name, func(t *testing.T) { test(t, apart) })
	}
}

// A guest under load goes from process to process, and from one kind of engine
// to the other, while somebody looks at its memory: nothing is lost.
func TestJourneyOfProcesses(t *testing.T) {
	at := newProverOn(t, false, true)
	for hop, apart := range []bool{true, true, false, true} {
		next := newProverOn(t, true, apart)
		uri := "unix:" + filepath.Join(t.TempDir(), "mig")
		if err := next.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
			t.Fatal(err)
		}
		stop := make(chan struct{})
		var others sync.WaitGroup
		others.Go(func() { look(t, at.Machine, stop) })
		at.send(t, uri)
		at.fits(t)
		at.reach(t, completed)
		next.reach(t, completed)
		close(stop)
		others.Wait()
		next.proven(t)
		if info := at.Migration().Info(); info.RAM.DirtySyncCount < 2 {
			t.Errorf("hop %d took %d looks at the log", hop, info.RAM.DirtySyncCount)
		}
		at = next
	}
	at.proven(t)
}

// look reads all over memory.
func look(t *testing.T, m *Machine, stop <-chan struct{}) {
	random := rand.New(rand.NewPCG(3, 4))
	var b [1]byte
	for {
		select {
		case <-stop:
			return
		default:
		}
		if err := m.ReadPhys(t.Context(), random.Uint64N(proverRAM), b[:]); err != nil {
			t.Error(err)
			return
		}
	}
}

// What a device writes arrives as does what the vCPUs of another process write
// to the same pages meanwhile.
func TestDeviceWritesToSharedMemory(t *testing.T) {
	const size, at = 16 << 20, 100 // of a page: the sweep is in byte 0
	machine := func(incoming bool) *Machine {
		m, err := NewMemtest(Config{Incoming: incoming}, memtest.Config{RAMSize: size, Workload: &memtest.Sweep{}, Apart: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		if err := m.Launch(); err != nil {
			t.Fatal(err)
		}
		return m
	}
	src, dst := machine(false), machine(true)
	slow := &qapi.MigrateSetParameters{MaxBandwidth: new(uint64(1 << 20)), DowntimeLimit: new(uint64(1))}
	if err := src.MigrateSetParameters(t.Context(), slow); err != nil {
		t.Fatal(err)
	}
	// No page is zero, whatever round the sweep is at: what is zero goes at once.
	for page := range uint64(size / 4096) {
		if err := src.WritePhys(t.Context(), page*4096+at-1, []byte{1}); err != nil {
			t.Fatal(err)
		}
	}
	uri := "unix:" + filepath.Join(t.TempDir(), "mig")
	if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	awaitPages(t, src, 100)
	random := rand.New(rand.NewPCG(5, 6))
	want := map[uint64]byte{}
	for i := range 3000 {
		page := random.Uint64N(size / 4096)
		want[page] = byte(i)
		if err := src.WritePhys(t.Context(), page*4096+at, []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if s := *src.Migration().Info().Status; s != qapi.MigrationStatusActive {
		t.Fatalf("it was %s before all was written", s)
	}
	fast := &qapi.MigrateSetParameters{MaxBandwidth: new(uint64(0)), DowntimeLimit: new(uint64(100000))}
	if err := src.MigrateSetParameters(t.Context(), fast); err != nil {
		t.Fatal(err)
	}
	(&prover{Machine: src}).reach(t, completed)
	(&prover{Machine: dst}).reach(t, completed)
	for page, b := range want {
		var got [1]byte
		if err := dst.ReadPhys(t.Context(), page*4096+at, got[:]); err != nil || got[0] != b {
			t.Fatalf("page %d has %d, want %d (%v)", page, got[0], b, err)
		}
	}
	if v, err := dst.XVerifyMemory(t.Context()); err != nil || v.FaultyPages != 0 || v.Pages == 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

// The threads that tools are told are the vCPUs' own.
func TestThreadsOfAProcess(t *testing.T) {
	p := newProverOn(t, false, true)
	list, err := p.QueryCpusFast(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	for _, cpu := range list {
		if err := unix.Tgkill(unix.Getpid(), int(cpu.ThreadID), 0); err == nil {
			t.Errorf("thread %d is one of this process", cpu.ThreadID)
		}
	}
}

// A process that dies stops its VM, and is told.
func TestProcessOfVCPUsDies(t *testing.T) {
	events, told := &record{}, make(chan string, 1)
	m, err := NewMemtest(Config{Events: events, Board: Board{CPUs: 1}, Report: func(text string) { told <- text }},
		memtest.Config{RAMSize: 2 << 20, Apart: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := m.Launch(); err != nil {
		t.Fatal(err)
	}
	list, err := m.QueryCpusFast(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Kill(int(list[0].ThreadID), unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if text := comes(t, told); !strings.Contains(text, "the process of the vCPUs ended: signal: killed") {
		t.Errorf("told %q", text)
	}
	events.await(t, "STOP")
	if s := m.RunState(); s != qapi.RunStateInternalError {
		t.Errorf("the VM is %s", s)
	}
	if err := m.Cont(t.Context()); err == nil || err.Error() != "Resetting the Virtual Machine is required" {
		t.Errorf("cont: %v", err)
	}
	if err := m.SystemReset(t.Context()); err != nil {
		t.Error(err)
	}
	if err := m.Cont(t.Context()); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Errorf("cont after a reset: %v", err)
	}
}
