package ram

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

// Inflater takes pages that come compressed, each a zlib stream of its own. It
// belongs to one goroutine.
type Inflater struct {
	in   bytes.Reader
	zlib io.ReadCloser
}

// CompressedSize takes how long the data of a compressed page is.
func CompressedSize(r *stream.Reader) (int, error) {
	n := int32(r.U32())
	if r.Err() != nil {
		return 0, stream.EIO(r.Err())
	}
	if n < 0 || n > wire.MaxCompressed {
		return 0, fmt.Errorf("Invalid compressed data length: %d", n)
	}
	return int(n), nil
}

// Inflate fills a page from data, which must be a page and nothing else.
func (i *Inflater) Inflate(page, data []byte) error {
	if err := i.inflate(page, data); err != nil {
		return fmt.Errorf("decompress data failed: %w", err)
	}
	return nil
}

func (i *Inflater) inflate(page, data []byte) (err error) {
	i.in.Reset(data)
	if i.zlib == nil {
		i.zlib, err = zlib.NewReader(&i.in)
	} else {
		err = i.zlib.(zlib.Resetter).Reset(&i.in, nil)
	}
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(i.zlib, page); err != nil {
		return err
	}
	var more [1]byte
	switch n, err := i.zlib.Read(more[:]); {
	case n > 0:
		return errors.New("more than a page")
	case !errors.Is(err, io.EOF):
		return err
	case i.in.Len() > 0:
		return fmt.Errorf("%d bytes behind a page", i.in.Len())
	}
	return nil
}
