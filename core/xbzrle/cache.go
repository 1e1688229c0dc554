package xbzrle

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Cache keeps pages as they were last sent. Each page has one place where it
// can be, which it shares with others. A Cache belongs to one goroutine.
//
// Its memory is reserved as a whole and costs nothing before it is used.
type Cache struct {
	mem    []byte
	places []place
}

// place is one page of the cache: mem has its contents.
type place struct {
	key uint64 // the page's number and 1; 0 where nothing is kept
	age uint64 // the pass in which it was last looked for
}

// lifetime is for how many passes a page keeps its place against others.
const lifetime = 2

// maxSize bounds a cache, in bytes: half of what an x86-64 process can map.
const maxSize = 1 << 46

// ErrTooLarge is about a cache that there is no memory for, in QEMU's words.
var ErrTooLarge = errors.New("Failed to allocate page cache")

// NewCache makes an empty cache for size bytes of pages: a power of two, and at least one page.
func NewCache(size uint64) (*Cache, error) {
	if size > maxSize {
		return nil, ErrTooLarge
	}
	n := size / PageSize
	all := size + n*uint64(unsafe.Sizeof(place{}))
	mem, err := unix.Mmap(-1, 0, int(all), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return nil, ErrTooLarge
	}
	return &Cache{mem: mem, places: unsafe.Slice((*place)(unsafe.Pointer(&mem[size])), n)}, nil
}

// Size is how many bytes of pages fit in.
func (c *Cache) Size() uint64 { return uint64(len(c.places)) * PageSize }

// Lookup gives a page as it was kept, to be changed as well, or nil where it is
// not kept. It keeps its place for longer from here on.
func (c *Cache) Lookup(page, pass uint64) []byte {
	i := c.place(page)
	if p := &c.places[i]; p.key == page+1 {
		p.age = pass
		return c.page(i)
	}
	return nil
}

// Insert gives the place of a page, to be filled in by the caller, or nil where
// another page has been looked for there too lately to be given up.
func (c *Cache) Insert(page, pass uint64) []byte {
	i := c.place(page)
	p := &c.places[i]
	if p.key != 0 && p.key != page+1 && p.age+lifetime > pass {
		return nil
	}
	*p = place{key: page + 1, age: pass}
	return c.page(i)
}

func (c *Cache) place(page uint64) uint64 { return page & uint64(len(c.places)-1) }

func (c *Cache) page(i uint64) []byte { return c.mem[i*PageSize:][:PageSize:PageSize] }

// Close gives the memory back; no page that the cache gave may be used any more.
func (c *Cache) Close() {
	// It was mapped by NewCache, so this cannot fail.
	_ = unix.Munmap(c.mem)
	c.mem, c.places = nil, nil
}
