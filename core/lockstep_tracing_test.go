package core

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// A checkpoint can be followed at both ends, and how each of them goes on alone.
func TestTraceOfALockstep(t *testing.T) {
	names := []trace.Name{trace.SavevmSendCOLOEnable, trace.COLOSendMessage, trace.COLOReceiveMessage, trace.COLOVMStateChange,
		trace.COLOFailoverSetState, trace.COLOFlushEnd}
	make := func(incoming bool) (*prover, *told) {
		log := &told{}
		conf := Config{Incoming: incoming, Trace: trace.NewSet(trace.Lines(log.line))}
		if err := conf.Trace.Switch("*colo*", true); err != nil {
			t.Fatal(err)
		}
		p := launched(t, conf, memtest.Config{RAMSize: 1 << 20, Workload: &memtest.Idle{}})
		p.enable(t, qapi.MigrationCapabilityEvents, xcolo)
		p.delay(t, 1<<31)
		return p, log
	}
	primary, source := make(false)
	secondary, target := make(true)
	uri := "unix:" + filepath.Join(t.TempDir(), "mig")
	if err := secondary.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	if err := primary.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	primary.count(t, "RESUME", 1)
	primary.delay(t, 1<<31) // a checkpoint at once
	primary.count(t, "RESUME", 2)
	secondary.count(t, "RESUME", 2)
	secondary.lose(t)
	primary.lose(t)
	for _, p := range []*prover{primary, secondary} {
		p.count(t, "COLO_EXIT", 1) // what leads there is told before
	}
	hears := func(msg string) string { return "colo_receive_message msg=" + msg }
	says := func(msg string) string { return "colo_send_message msg=" + msg }
	const stops, runs = "colo_vm_state_change old=run new=stop", "colo_vm_state_change old=stop new=run"
	const failover = "colo_failover_set_state new_state="
	for log, want := range map[*told][]string{
		source: {
			"savevm_send_colo_enable", hears("checkpoint-ready"), runs,
			says("checkpoint-request"), hears("checkpoint-reply"), stops, says("vmstate-send"), says("vmstate-size"),
			hears("vmstate-received"), hears("vmstate-loaded"), runs,
			failover + "require", failover + "active", failover + "completed",
		},
		target: {
			runs, says("checkpoint-ready"),
			hears("checkpoint-request"), stops, says("checkpoint-reply"), hears("vmstate-send"), hears("vmstate-size"),
			says("vmstate-received"), "colo_flush_ram_cache_end", runs, says("vmstate-loaded"),
			failover + "require", failover + "active", failover + "completed",
		},
	} {
		if got := log.only(names...); !slices.Equal(got, want) {
			t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if got := target.only(trace.COLOFlushBegin); len(got) != 1 || !strings.HasPrefix(got[0], "colo_flush_ram_cache_begin dirty_pages=") {
		t.Errorf("told %q", got)
	}
}

// Whoever hears that a lock step is over hears at the same time why: no moment is between the two.
func TestLockstepTellsWhyItIsOver(t *testing.T) {
	var pair [2]*prover
	heard := make(chan *qapi.COLOStatus, len(pair))
	for i := range pair {
		conf := Config{Incoming: i == 1, Trace: trace.NewSet(trace.Lines(func(line string) {
			if !strings.HasSuffix(line, "new_state=completed") {
				return
			}
			asked := make(chan struct{})
			go func() {
				defer close(asked)
				s, _ := pair[i].QueryCOLOStatus(t.Context())
				heard <- s
			}()
			select {
			case <-asked:
			case <-time.After(20 * time.Millisecond): // it waits until all is told
			}
		}))}
		if err := conf.Trace.Switch(string(trace.MigrateSetState), true); err != nil {
			t.Fatal(err)
		}
		pair[i] = launched(t, conf, memtest.Config{RAMSize: 1 << 20, Workload: &memtest.Idle{}})
		pair[i].enable(t, xcolo)
		pair[i].delay(t, 1<<31)
	}
	uri := "unix:" + filepath.Join(t.TempDir(), "mig")
	if err := pair[1].MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	if err := pair[0].Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	pair[0].count(t, "RESUME", 1)
	pair[1].count(t, "RESUME", 1)
	for i, mode := range []qapi.COLOMode{qapi.COLOModePrimary, qapi.COLOModeSecondary} {
		pair[i].lose(t)
		if got, want := *<-heard, (qapi.COLOStatus{Mode: qapi.COLOModeNone, LastMode: mode, Reason: qapi.COLOExitReasonRequest}); got != want {
			t.Errorf("told %+v, want %+v", got, want)
		}
	}
}
