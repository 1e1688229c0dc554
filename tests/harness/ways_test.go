package harness

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/tests/emulator"
)

func (b *bench) running(incoming, more, target string) (src, dst *side) {
	b.t.Helper()
	src, dst = b.pair(incoming, more, target)
	src.until("the guest", func() bool { return strings.HasPrefix(src.text(), "A") })
	return src, dst
}

func TestChannelForm(t *testing.T) {
	b := newBench(t)
	// The last -incoming of a channel type counts.
	src, dst := b.running("unix:"+b.path("other")+" -incoming main,addr.transport=socket,addr.type=unix,addr.path="+
		b.path("migsocket"), "", "")
	src.do("migrate", `{"channels": [{"channel-type": "main", "addr": {"transport": "socket", "type": "unix", "path": "`+
		b.path("migsocket")+`"}}]}`, nil)
	finish(t, src, dst)
}

func TestDeferredOverDescriptors(t *testing.T) {
	b := newBench(t)
	src, dst := b.running("defer", "", "")
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	emulator.Must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for i, s := range []*side{src, dst} {
		f := os.NewFile(uintptr(pair[i]), "pair")
		emulator.Must(t, s.mon.ExecuteWithFile(ctx, "getfd", map[string]string{"fdname": "fd-mig"}, nil, f))
		f.Close()
	}
	dst.do("migrate-incoming", `{"uri": "fd:fd-mig"}`, nil)
	src.do("migrate", `{"uri": "fd:fd-mig"}`, nil)
	for _, s := range []*side{src, dst} {
		if got := refused(s.qmp("closefd", `{"fdname": "fd-mig"}`, nil)); got != "File descriptor named 'fd-mig' not found" {
			t.Errorf("%s: closefd after use: %s", s.name, got)
		}
	}
	finish(t, src, dst)
}

func TestFileAndCommand(t *testing.T) {
	for scheme, back := range map[string]string{"file:": "file:", "exec:cat > ": "exec:cat "} {
		b := newBench(t)
		src, dst := b.running("defer", "", "")
		src.do("stop", "", nil)
		src.do("migrate", `{"uri": "`+scheme+b.path("image")+`"}`, nil)
		src.reach("completed")
		dst.do("migrate-incoming", `{"uri": "`+back+b.path("image")+`"}`, nil)
		dst.reach("completed")
		dst.do("cont", "", nil)
		finish(t, src, dst)
	}
}

func TestRefusedArguments(t *testing.T) {
	b := newBench(t)
	src, dst := b.pair("defer", "", "")
	for _, args := range []string{`{}`, `{"uri": "tcp:127.0.0.1:1", "channels": [{"channel-type": "main",
		"addr": {"transport": "socket", "type": "unix", "path": "/x"}}]}`, `{"uri": "file:` + b.path("x") + `,offset=0x20M"}`} {
		if err := src.qmp("migrate", args, nil); err == nil {
			t.Errorf("%s was taken", args)
		}
	}
	src.do("migrate_cancel", "", nil)
	dst.do("migrate_cancel", "", nil)
	src.terminate()
	dst.terminate()
}

// A target whose stream is not one ends by itself, with status 1, unless it was told to stay.
func TestFailedIncoming(t *testing.T) {
	for _, stay := range []bool{false, true} {
		b := newBench(t)
		src, dst := b.pair("defer", "", "")
		emulator.Must(t, os.WriteFile(b.path("junk"), []byte("this is not a stream"), 0o600))
		more := ""
		if stay {
			more = `, "exit-on-error": false`
		}
		dst.do("migrate-incoming", `{"uri": "file:`+b.path("junk")+`"`+more+`}`, nil)
		if stay {
			dst.reach("failed")
			dst.terminate()
		} else {
			dst.exits(1)
			if !strings.Contains(dst.errs.String(), "Not a migration stream") {
				t.Errorf("standard error: %q", dst.errs.String())
			}
		}
		src.terminate()
	}
}

func TestValidateUUID(t *testing.T) {
	const one, two = "-uuid 11111111-1111-1111-1111-111111111111", "-uuid 22222222-2222-2222-2222-222222222222"
	for more, same := range map[string]bool{one: true, two: false} {
		b := newBench(t)
		src, dst := b.running("unix:"+b.path("migsocket"), one, more)
		for _, s := range []*side{src, dst} {
			s.enable("validate-uuid")
		}
		src.do("migrate", `{"uri": "unix:`+b.path("migsocket")+`"}`, nil)
		if same {
			finish(t, src, dst)
			continue
		}
		dst.exits(1)
		src.reach("failed")
		var status struct{ Running bool }
		src.until("the guest again", func() bool {
			src.do("query-status", "", &status)
			return status.Running
		})
		src.terminate()
	}
}

// Memory that both sides share is not sent.
func TestIgnoreShared(t *testing.T) {
	b := newBench(t)
	file, err := os.CreateTemp("/dev/shm", "qh")
	emulator.Must(t, err)
	t.Cleanup(func() { os.Remove(file.Name()) })
	file.Close()
	os.Remove(file.Name())
	src, dst := b.running("unix:"+b.path("migsocket"),
		"-object memory-backend-file,id=mem0,size=150M,mem-path="+file.Name()+",share=on -numa node,memdev=mem0", "")
	os.Remove(file.Name())
	for _, s := range []*side{src, dst} {
		s.enable("x-ignore-shared")
	}
	src.do("migrate", `{"uri": "unix:`+b.path("migsocket")+`"}`, nil)
	src.reach("completed")
	var info struct {
		RAM struct{ Transferred int64 }
	}
	src.do("query-migrate", "", &info)
	if info.RAM.Transferred > 4<<20 {
		t.Errorf("%d bytes were sent of memory that both sides share", info.RAM.Transferred)
	}
	finish(t, src, dst)
}

// A round trip takes no longer than the harness's polling can bear: the middle one, for some wait for a processor.
func TestQtestIsQuick(t *testing.T) {
	b := newBench(t)
	s := b.start("source", "-machine memtest,workload=idle -m 16M")
	const n = 20000
	trips := make([]time.Duration, n)
	for i := range trips {
		begin := time.Now()
		s.value("readb", 0x1000)
		trips[i] = time.Since(begin)
	}
	slices.Sort(trips)
	t.Logf("a round trip takes %v, %v, or %v", trips[0], trips[n/2], trips[n-1])
	if trips[n/2] > time.Millisecond {
		t.Error("that is too long")
	}
	s.terminate()
}
