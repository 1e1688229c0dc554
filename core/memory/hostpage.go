package memory

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// HostPage is the size of the pages, in bytes, that the block's memory is made
// of where it runs: PageSize, or that of huge pages. Postcopy moves whole ones.
func (b *Block) HostPage() uint64 {
	if b.hostPage == 0 {
		return PageSize
	}
	return b.hostPage
}

// SetHostPage says what HostPage is; it is set before the block is used. bytes
// is a power of two, a multiple of PageSize, and the block's size a multiple of it.
func (b *Block) SetHostPage(bytes uint64) { b.hostPage = bytes }

var errHostPage = errors.New("the size is no multiple of the file's huge pages")

// findHostPage takes the size of the pages of a file of huge pages.
func (b *Block) findHostPage(f *os.File) error {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &fs); err != nil {
		return err
	}
	if fs.Type != unix.HUGETLBFS_MAGIC {
		return nil
	}
	page := uint64(fs.Bsize)
	if page == 0 || b.Size()%page != 0 {
		return errHostPage
	}
	b.SetHostPage(page)
	return nil
}

// wholeHostPages says whether pages [first, first+count) are whole host pages.
func (b *Block) wholeHostPages(first, count uint64) bool {
	pages := b.HostPage() / PageSize
	return first%pages == 0 && count%pages == 0
}
