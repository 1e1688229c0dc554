package ram

import (
	"github.com/klauspost/compress/zlib"

	"qmpmigrate/core/memory"
)

// deflation is a page that is compressed.
type deflation struct {
	block  *outBlock
	number uint64
	page   [memory.PageSize]byte
	data   appended      // a zlib stream of its own
	done   chan struct{} // has room for one
}

// appended is a writer into memory.
type appended struct{ bytes []byte }

func (a *appended) Write(p []byte) (int, error) {
	a.bytes = append(a.bytes, p...)
	return len(p), nil
}

// deflater compresses pages. It belongs to one goroutine.
type deflater struct{ zlib *zlib.Writer }

func newDeflater(level int) (*deflater, error) {
	z, err := zlib.NewWriterLevel(&appended{}, level)
	return &deflater{z}, err
}

// run compresses what comes until there is no more.
func (d *deflater) run(work <-chan *deflation) {
	for page := range work {
		d.deflate(page)
		page.done <- struct{}{}
	}
}

// deflate compresses a page. Nothing that writes into memory fails.
func (d *deflater) deflate(p *deflation) {
	p.data.bytes = p.data.bytes[:0]
	d.zlib.Reset(&p.data)
	_, _ = d.zlib.Write(p.page[:])
	_ = d.zlib.Close()
}
