package images

import (
	"path/filepath"
	"testing"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/qcow2"
)

const benchSize = 1 << 30

func benchDisk(b *testing.B) *block.Node {
	b.Helper()
	path := filepath.Join(b.TempDir(), "d.qcow2")
	create(b, path, qcow2.CreateOptions{Size: benchSize})
	var g block.Graph
	n, err := (&Opener{Graph: &g}).Add(Options{Driver: "qcow2", NodeName: "q", File: &Ref{Options: &Options{Driver: "file", Filename: path}}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = g.Close() })
	return n
}

// Megabytes in order, first into nothing, then over what is there.
func BenchmarkWrite(b *testing.B) {
	n, p := benchDisk(b), make([]byte, 1<<20)
	p[0] = 1
	b.SetBytes(int64(len(p)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := n.WriteAt(p, int64(i)<<20%benchSize); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	n, p := benchDisk(b), make([]byte, 1<<20)
	for off := int64(0); off < benchSize; off += int64(len(p)) {
		if _, err := n.WriteAt(p, off); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(p)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := n.ReadAt(p, int64(i)<<20%benchSize); err != nil {
			b.Fatal(err)
		}
	}
}

// Pages in no order, over what is there.
func BenchmarkWritePages(b *testing.B) {
	n, p := benchDisk(b), make([]byte, 1<<20)
	for off := int64(0); off < benchSize; off += int64(len(p)) {
		if _, err := n.WriteAt(p, off); err != nil {
			b.Fatal(err)
		}
	}
	p = p[:4096]
	b.SetBytes(int64(len(p)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := n.WriteAt(p, int64(i)*7919*4096%benchSize); err != nil {
			b.Fatal(err)
		}
	}
}
