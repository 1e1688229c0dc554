package channelstest

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"qmpmigrate/channels"
)

// testRandomShapes sends data in vectors of random shapes and receives it in others.
func testRandomShapes(t *testing.T, k Kind) {
	const size = 16 << 20
	data := randomData(1, size)
	k.flow(t,
		func(out channels.Conn) {
			r := rand.New(rand.NewPCG(2, 0))
			for left := data; len(left) > 0; {
				iov, n := cut(r, left)
				if written, err := out.WriteVec(iov); err != nil || written != int64(n) {
					t.Errorf("WriteVec of %d bytes: %d, %v", n, written, err)
					return
				}
				left = left[n:]
				if r.IntN(4) == 0 && len(left) > 0 {
					if n, err := out.Write(left[:1]); n != 1 || err != nil {
						t.Errorf("Write: %d, %v", n, err)
						return
					}
					left = left[1:]
				}
			}
		},
		func(in channels.Conn) {
			r := rand.New(rand.NewPCG(3, 0))
			scratch := make([]byte, 1<<20)
			for at := 0; ; {
				iov, room := cut(r, scratch)
				n, err := in.ReadVec(iov)
				if errors.Is(err, io.EOF) {
					if at != size {
						t.Errorf("end after %d bytes", at)
					}
					return
				}
				if err != nil || n <= 0 || n > room || at+n > size {
					t.Fatalf("ReadVec of %d at %d: %d, %v", room, at, n, err)
				}
				if !bytes.Equal(scratch[:n], data[at:at+n]) {
					t.Fatalf("bytes %d to %d differ", at, at+n)
				}
				at += n
			}
		})
}

// cut makes a vector of adjacent pieces of the memory's beginning, with empty ones in between.
func cut(r *rand.Rand, memory []byte) (iov [][]byte, n int) {
	largest := []int{16, 4096, 1 << 18}[r.IntN(3)]
	for range 1 + r.IntN([]int{3, 40, 1500}[r.IntN(3)]) {
		piece := min(r.IntN(largest), len(memory)-n)
		iov = append(iov, memory[n:n+piece])
		n += piece
	}
	if n == 0 {
		n = 1
		iov = append(iov, memory[:1])
	}
	return iov, n
}

// testManyBuffers sends more buffers in one call than the kernel takes.
func testManyBuffers(t *testing.T, k Kind) {
	data := randomData(4, 10*channels.MaxVec)
	var iov [][]byte
	for p := range slices.Chunk(data, 3) {
		iov = append(iov, p, nil)
	}
	k.flow(t,
		func(out channels.Conn) {
			if n, err := out.WriteVec(iov); n != int64(len(data)) || err != nil {
				t.Errorf("WriteVec: %d, %v", n, err)
			}
		},
		func(in channels.Conn) {
			got := make([]byte, len(data)+10)
			room := slices.Collect(slices.Chunk(got, 2))
			at := 0
			for {
				n, err := in.ReadVec(room[at/2:])
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil || n > 2*channels.MaxVec {
					t.Fatalf("ReadVec: %d, %v", n, err)
				}
				if at += n; at%2 == 1 { // half a buffer: fill it
					if _, err := io.ReadFull(in, got[at:at+1]); err == nil {
						at++
					}
				}
			}
			if !bytes.Equal(got[:at], data) {
				t.Errorf("%d bytes arrived and differ", at)
			}
		})
}

func randomData(seed uint64, n int) []byte {
	r := rand.NewChaCha8([32]byte{byte(seed)})
	data := make([]byte, n)
	r.Read(data)
	return data
}
