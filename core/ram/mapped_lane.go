package ram

import (
	"io"

	"qmpmigrate/core/multifd"
)

// fileLane is a lane that writes pages to their places in a file. There are no
// packets: a file that was written on lanes is like any other.
type fileLane struct {
	file      io.WriterAt
	places    *Places
	findZeros bool
	count     multifd.Counters
}

// Lanes makes the carriers of lanes, each of which writes to a file of its own,
// all of them the same file opened once more.
func (p *Places) Lanes(files []io.WriterAt, findZeros bool, count multifd.Counters) (list []multifd.Carrier) {
	for _, f := range files {
		list = append(list, &fileLane{f, p, findZeros, count})
	}
	return list
}

func (l *fileLane) Sync() error { return nil }
func (l *fileLane) Close()      {}

func (l *fileLane) Send(b *multifd.Batch) (err error) {
	p, pages := l.places.blocks[b.Block], b.Pages()
	var zero uint64
	for i := 0; i < len(pages); {
		n := 1
		for i+n < len(pages) && pages[i+n] == pages[i]+uint64(n) {
			n++
		}
		zero += p.split(b.Block, pages[i], uint64(n), l.findZeros, func(first, count uint64) {
			if err != nil {
				return
			}
			data, at := p.full(b.Block, first, count)
			var written int
			written, err = l.file.WriteAt(data, at)
			l.count.Bytes.Add(uint64(written))
		})
		i += n
	}
	if err == nil {
		l.count.Zero.Add(zero)
		l.count.Normal.Add(uint64(len(pages)) - zero)
	}
	return err
}
