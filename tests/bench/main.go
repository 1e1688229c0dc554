// Command bench measures qmpmigrate against real QEMU on this machine, alternating between the two, and
// prints Markdown tables:
//
//   - moving incompressible memory of a stopped machine, over tcp and unix, into destination memory that is
//     cold or preallocated: throughput, and the CPU time of each side per GiB;
//   - the same on several lanes, compressed by zlib and by zstd, and over TLS; memory that is zero, all or half of it; mapped-ram files;
//   - moving a guest that writes all the time: total time and downtime; what xbzrle makes of that;
//   - moving a guest that writes half of what the link carries: its downtime;
//   - start to QMP greeting, and resident memory of an idle server;
//   - round trips and pipelined requests over QMP;
//   - what the machine does to memory without any migration;
//   - how long a guest waits for its pages in postcopy;
//   - what downtime a source expects, and what it is;
//   - when a guest that was parked prints again, by precopy and by postcopy;
//   - what switchover-ack is worth for a device whose destination needs time to make ready;
//   - how well a vCPU keeps to a dirty limit.
//
// The last five take long, and are measured where they are named. All figures are medians. $QMPMIGRATE_BINARY names a qmpmigrate to measure; else it is built.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"qmpmigrate/tests/emulator"
)

type settings struct {
	rounds int
	size   int64 // MiB of memory to move
	qemu   emulator.Program
	server emulator.Program
	// machine is QEMU's type of machine.
	machine string
}

func main() {
	rounds := flag.Int("rounds", 5, "how often everything is measured")
	size := flag.Int64("size", 2048, "memory to move, in MiB")
	version := flag.String("qemu", "10.0", "version of QEMU to compare with")
	only := flag.String("only", "", "measure only these `parts`, parted by commas, instead of all that take no more than minutes: "+
		strings.Join(names(), ", "))
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *rounds, *size, *version, *only)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, size int64, version, only string) error {
	dir, err := os.MkdirTemp("", "qmbench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s := settings{rounds: rounds, size: size, machine: "pc-i440fx-" + version}
	if s.qemu, err = emulator.QEMU(version); err != nil {
		return err
	}
	if s.server, err = emulator.Server(dir); err != nil {
		return err
	}
	fmt.Print(s.introduction())
	for _, part := range parts() {
		if !part.chosen(only) {
			continue
		}
		begin := time.Now()
		result, err := part.measure(s, ctx, dir)
		if err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		fmt.Print("\n", result.markdown())
		progress("%s took %.0f s", part.name, time.Since(begin).Seconds())
	}
	return nil
}

// A part makes one table.
type part struct {
	name    string
	measure func(s settings, ctx context.Context, dir string) (table, error)
	// long: only who names it waits for it.
	long bool
}

func parts() []part {
	return []part{
		{"stopped", settings.stopped, false}, {"lanes", settings.lanes, false}, {"zlib", settings.zlib, false},
		{"zstd", settings.zstd, false}, {"tls", settings.tls, false}, {"zero", settings.zero, false},
		{"mixed", settings.mixed, false},
		{"mapped", settings.mapped, false}, {"live", settings.live, false}, {"xbzrle", settings.xbzrle, false},
		{"idle", settings.idle, false}, {"control", settings.control, false}, {"floor", settings.floor, false},
		{"dirtying", settings.dirtying, false},
		{"faults", settings.faults, true}, {"resume", settings.resume, true}, {"ack", settings.ack, true},
		{"expected", settings.expected, true}, {"limit", settings.limit, true},
	}
}

// chosen says whether the part is measured where only these are asked for.
func (p part) chosen(only string) bool {
	if only == "" {
		return !p.long
	}
	return slices.Contains(strings.Split(only, ","), p.name)
}

func names() (names []string) {
	for _, p := range parts() {
		names = append(names, p.name)
	}
	return names
}

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
