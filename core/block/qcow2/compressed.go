package qcow2

import (
	"bytes"
	"compress/flate"
	"io"
	"syscall"

	"github.com/klauspost/compress/zstd"
)

// inflater keeps the last compressed cluster that was read.
type inflater struct {
	entry uint64 // 0: none
	data  []byte
	input []byte
}

// compressedAt is where a compressed cluster is in the file, in bytes, and how
// many sectors' ends it may reach to.
func (i *Image) compressedAt(e uint64) (off, n int64) {
	shift := 62 - (i.clusterBits - 8)
	off = int64(e & (1<<shift - 1))
	sectors := int64(e>>shift&(1<<(i.clusterBits-8)-1)) + 1
	return off, sectors*512 - off%512
}

// compressedClusters are the clusters of the file that it touches.
func (i *Image) compressedClusters(e uint64) span {
	off, n := i.compressedAt(e)
	first := off >> i.clusterBits
	return span{first, (off+n-1)>>i.clusterBits - first + 1}
}

// readCompressed reads within one compressed cluster.
func (i *Image) readCompressed(p []byte, off int64, e uint64) error {
	z := &i.inflater
	if z.entry != e {
		z.entry = 0
		at, n := i.compressedAt(e)
		if at > maxOffset {
			return syscall.EIO
		}
		if int64(cap(z.input)) < n {
			z.input = make([]byte, n)
		}
		z.input = z.input[:n]
		if z.data == nil {
			z.data = make([]byte, i.clusterSize)
		}
		if _, err := i.s.ReadAt(z.input, at); err != nil {
			return err
		}
		if err := z.inflate(i.h.compression); err != nil {
			return syscall.EIO
		}
		z.entry = e
	}
	copy(p, z.data[off&(i.clusterSize-1):])
	return nil
}

// inflate fills data. What follows in the input is of no interest.
func (z *inflater) inflate(compression byte) error {
	var r io.Reader
	if compression == 0 {
		r = flate.NewReader(bytes.NewReader(z.input))
	} else {
		d, err := zstd.NewReader(bytes.NewReader(z.input), zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderLowmem(true))
		if err != nil {
			return err
		}
		defer d.Close()
		r = d
	}
	_, err := io.ReadFull(r, z.data)
	return err
}
