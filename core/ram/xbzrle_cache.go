package ram

import (
	"qmpmigrate/core/stream"
	"qmpmigrate/core/xbzrle"
)

// resize replaces the cache where another size is wanted. One that cannot be
// had is refused to who wants it (CheckXBZRLE), and changes nothing here.
func (x *xbzrleWay) resize(w *stream.Writer) {
	size := x.saver.options.XBZRLE()
	if size == x.asked {
		return
	}
	x.asked = size
	if cache, err := xbzrle.NewCache(size); err == nil {
		w.Flush()
		x.cache.Close()
		x.cache = cache
	}
}

// CheckXBZRLE says whether a cache of that size can be had.
func CheckXBZRLE(size uint64) error {
	cache, err := xbzrle.NewCache(size)
	if err == nil {
		cache.Close()
	}
	return err
}
