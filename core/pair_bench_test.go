package core

import (
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/guest/memtest"
	"qmpmigrate/qapi"
)

// BenchmarkPair moves 512 MiB of incompressible memory between two machines of
// this process, into memory that is cold or there already.
func BenchmarkPair(b *testing.B) {
	for _, channel := range []string{"unix", "tcp"} {
		for _, memory := range []string{"cold", "preallocated"} {
			b.Run(channel+"/"+memory, func(b *testing.B) { pair(b, channel, memory == "preallocated") })
		}
	}
}

func pair(b *testing.B, channel string, prealloc bool) {
	const size = 512 << 20
	src, err := NewMemtest(Config{Paused: true}, memtest.Config{RAMSize: size, Workload: &memtest.Idle{}})
	if err != nil {
		b.Fatal(err)
	}
	defer src.Close()
	ram := src.Guest().Blocks()[0]
	rand.NewChaCha8([32]byte{1}).Read(ram.Bytes())
	ram.Populate(0, ram.Pages())
	src.MigrateSetParameters(b.Context(), &qapi.MigrateSetParameters{MaxBandwidth: new(uint64(0))})
	b.SetBytes(size)
	b.ResetTimer()
	var used time.Duration
	for range b.N {
		b.StopTimer()
		dst, err := NewMemtest(Config{Paused: true, Incoming: true},
			memtest.Config{RAMSize: size, Workload: &memtest.Idle{}, Prealloc: prealloc})
		if err != nil {
			b.Fatal(err)
		}
		uri := "unix:" + filepath.Join(b.TempDir(), "mig")
		if channel == "tcp" {
			uri = "tcp:127.0.0.1:0"
		}
		if err := dst.MigrateIncoming(b.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
			b.Fatal(err)
		}
		if channel == "tcp" {
			uri = "tcp:127.0.0.1:" + dst.Migration().Info().SocketAddress[0].Inet.Port
		}
		before := cpuTime(b)
		b.StartTimer()
		if err := src.Migrate(b.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
			b.Fatal(err)
		}
		if err := dst.Migration().Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
		src.Migration().Wait(b.Context())
		b.StopTimer()
		used += cpuTime(b) - before
		if s := *dst.Migration().Info().Status; s != qapi.MigrationStatusCompleted {
			b.Fatal(s)
		}
		dst.Close()
		src.state = qapi.RunStatePaused
		b.StartTimer()
	}
	b.ReportMetric(used.Seconds()/float64(b.N)*(1<<30/size), "cpu-s/GiB")
}

// cpuTime is what this process has used so far.
func cpuTime(b *testing.B) time.Duration {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
