package channels

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkTransfer moves data from one goroutine to another over each kind of channel, in the two shapes of the hot
// path: contiguous blocks, and a page (4096 bytes) after each header (8 bytes). The writer's size is what one WriteVec
// takes, the reader's what one ReadVec offers.
func BenchmarkTransfer(b *testing.B) {
	for _, kind := range []string{"unix", "tcp", "fd", "pipe", "exec"} {
		for _, shape := range []string{"block", "pages"} {
			for _, size := range []int{64 << 10, 256 << 10, 1 << 20, 4 << 20} {
				b.Run(fmt.Sprintf("%s/%s/%dK", kind, shape, size>>10), func(b *testing.B) {
					benchTransfer(b, kind, shape, size, size)
				})
			}
		}
	}
}

// BenchmarkSides varies the two sides' sizes independently.
func BenchmarkSides(b *testing.B) {
	for _, kind := range []string{"unix", "tcp"} {
		for _, shape := range []string{"block", "pages"} {
			for _, out := range []int{64 << 10, 256 << 10, 1 << 20} {
				for _, in := range []int{64 << 10, 256 << 10, 1 << 20} {
					b.Run(fmt.Sprintf("%s/%s/write%dK/read%dK", kind, shape, out>>10, in>>10), func(b *testing.B) {
						benchTransfer(b, kind, shape, out, in)
					})
				}
			}
		}
	}
}

func benchTransfer(b *testing.B, kind, shape string, outSize, inSize int) {
	out, in := benchPair(b, kind)
	source, sink := shapeOf(shape, outSize), shapeOf(shape, inSize)
	var step int64
	for _, s := range source {
		step += int64(len(s))
	}
	done := make(chan int64)
	go func() {
		var total int64
		for {
			n, err := in.ReadVec(sink)
			total += int64(n)
			if err != nil {
				done <- total
				return
			}
		}
	}()
	if _, err := out.WriteVec(source); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(step)
	b.ReportAllocs()
	start := cpuTime()
	for b.Loop() {
		if _, err := out.WriteVec(source); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpuTime()-start)/float64(b.N)/float64(step)*(1<<30)/1e9, "cpu-s/GiB")
	out.Close()
	if total := <-done; total != step*int64(b.N+1) {
		b.Fatalf("%d bytes arrived, not %d", total, step*int64(b.N+1))
	}
	in.Close()
}

func cpuTime() time.Duration {
	var u unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// shapeOf makes the buffers of one call.
func shapeOf(shape string, size int) [][]byte {
	if shape == "block" {
		return [][]byte{make([]byte, size)}
	}
	var iov [][]byte
	memory, headers := make([]byte, size), make([]byte, size/512)
	for i := 0; i < size/4096; i++ {
		iov = append(iov, headers[8*i:8*i+8], memory[4096*i:4096*i+4096])
	}
	return iov
}

// benchPair connects two Conns; what is written to the first is read from the second.
func benchPair(b *testing.B, kind string) (out, in Conn) {
	dir := b.TempDir()
	var listen, dial Address
	switch kind {
	case "unix":
		listen, _ = ParseURI("unix:" + filepath.Join(dir, "s"))
	case "tcp":
		listen, _ = ParseURI("tcp:127.0.0.1:0")
	case "fd":
		fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			b.Fatal(err)
		}
		dial, listen = fdAddress(os.NewFile(uintptr(fds[0]), "a")), fdAddress(os.NewFile(uintptr(fds[1]), "b"))
	case "pipe":
		r, w, err := os.Pipe()
		if err != nil {
			b.Fatal(err)
		}
		dial, listen = fdAddress(w), fdAddress(r)
	case "exec":
		fifo := filepath.Join(dir, "fifo")
		if err := unix.Mkfifo(fifo, 0o600); err != nil {
			b.Fatal(err)
		}
		dial, _ = ParseURI("exec:cat > " + fifo)
		listen, _ = ParseURI("exec:cat " + fifo)
	}
	l, err := Listen(context.Background(), listen)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	if dial.Transport == "" {
		dial = l.Addr()
	}
	if out, err = Dial(context.Background(), dial); err != nil {
		b.Fatal(err)
	}
	if in, err = l.Accept(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { out.Close(); in.Close() })
	return out, in
}

func fdAddress(f *os.File) Address {
	return Address{Transport: TransportSocket, Type: SocketFD, FD: FDAddress{Name: f.Name(), File: f}}
}

// BenchmarkStandardLibrary is what net.Buffers and io.ReadFull reach on the same socket, for comparison.
func BenchmarkStandardLibrary(b *testing.B) {
	for _, shape := range []string{"block", "pages"} {
		b.Run(shape, func(b *testing.B) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			out, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			defer out.Close()
			in, err := l.Accept()
			if err != nil {
				b.Fatal(err)
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{in}, make([]byte, 1<<20))
				in.Close()
			}()
			source := shapeOf(shape, 1<<20)
			b.ReportAllocs()
			for b.Loop() {
				buffers := net.Buffers(append([][]byte(nil), source...))
				n, err := buffers.WriteTo(out)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(n)
			}
			out.Close()
			<-done
		})
	}
}
