// Command bench measures qmpmigrate against real QEMU on this machine, alternating between the two, and
// prints Markdown tables:
//
//   - moving incompressible memory of a stopped machine, over tcp and unix, into destination memory that is
//     cold or preallocated: throughput, and the CPU time of each side per GiB;
//   - moving a guest that writes all the time: total time and downtime;
//   - start to QMP greeting, and resident memory of an idle server.
//
// All figures are medians. $QMPMIGRATE_BINARY names a qmpmigrate to measure; else it is built.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

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
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *rounds, *size, *version)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, size int64, version string) error {
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
	for _, measure := range []func(context.Context, string) (table, error){s.stopped, s.live, s.idle} {
		result, err := measure(ctx, dir)
		if err != nil {
			return err
		}
		fmt.Print("\n", result.markdown())
	}
	return nil
}

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
