package object

import (
	"errors"
	"io/fs"
	"os"

	"qmpmigrate/core/memory"
	"qmpmigrate/qapi"
)

// newFile makes memory that is a file.
func newFile(id string, p *qapi.MemoryBackendFileProperties) (*Memory, error) {
	m, err := common(id, "memory-backend-file", filePart(p), false)
	if err != nil {
		return nil, err
	}
	f := fileBacking{
		memoryInfo: m, path: p.MemPath,
		align: otherwise(p.Align, 0), offset: otherwise(p.Offset, 0),
		readonly: otherwise(p.Readonly, false), rom: otherwise(p.Rom, qapi.OnOffAutoAuto),
		pmem: otherwise(p.Pmem, false), discard: otherwise(p.DiscardData, false),
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return f.make()
}

type fileBacking struct {
	memoryInfo
	path           string
	align, offset  uint64
	readonly, pmem bool
	discard        bool
	rom            qapi.OnOffAuto
}

func (f *fileBacking) check() error {
	switch {
	case f.rom == qapi.OnOffAutoAuto && f.readonly:
		f.rom = qapi.OnOffAutoOn
	case f.rom == qapi.OnOffAutoAuto:
		f.rom = qapi.OnOffAutoOff
	case f.rom == qapi.OnOffAutoOn && !f.readonly:
		return qapi.Errorf("property 'rom' = 'on' is not supported with 'readonly' = 'off'")
	case f.rom == qapi.OnOffAutoOff && f.readonly && f.share:
		return qapi.Errorf("property 'rom' = 'off' is incompatible with 'readonly' = 'on' and 'share' = 'on'")
	}
	f.extra = []extra{
		{"pmem", "bool", f.pmem}, {"align", "int", f.align}, {"offset", "int", f.offset},
		{"mem-path", "string", f.path}, {"rom", "OnOffAuto", string(f.rom)},
		{"discard-data", "bool", f.discard}, {"readonly", "bool", f.readonly},
	}
	return nil
}

func (f *fileBacking) make() (*Memory, error) {
	file, created, err := f.open()
	if err != nil {
		return nil, failed(err, "can't open backing store %s for guest RAM", f.path)
	}
	defer file.Close() // the mapping stays
	block, err := f.mapped(file)
	if err != nil {
		if created {
			os.Remove(f.path)
		}
		return nil, err
	}
	if f.size%memory.PageSize != 0 {
		block.Close()
		return nil, qapi.Errorf("backend '%s' memory size must be multiple of 4 KiB", f.typeName)
	}
	return f.finish(block)
}

// open opens the file, makes it where it is not there, or makes one without a
// name in a folder.
func (f *fileBacking) open() (file *os.File, created bool, err error) {
	if f.readonly {
		file, err = os.Open(f.path)
		return file, false, err
	}
	file, err = os.OpenFile(f.path, os.O_RDWR, 0)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		if info, bad := os.Stat(f.path); bad == nil && info.IsDir() {
			return f.openIn()
		}
		return file, false, err
	}
	file, err = os.OpenFile(f.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	return file, true, err
}

func (f *fileBacking) openIn() (*os.File, bool, error) {
	file, err := os.CreateTemp(f.path, "qemu_back_mem."+f.id+".")
	if err == nil {
		os.Remove(file.Name())
	}
	return file, false, err
}

func (f *fileBacking) mapped(file *os.File) (*memory.Block, error) {
	size, err := f.pages()
	if err != nil {
		return nil, err
	}
	const page = memory.PageSize
	switch {
	case f.align%page != 0:
		return nil, qapi.Errorf("alignment 0x%x must be multiples of page size 0x%x", f.align, page)
	case f.align&(f.align-1) != 0:
		return nil, qapi.Errorf("alignment 0x%x must be a power of two", f.align)
	case f.offset%page != 0:
		return nil, qapi.Errorf("offset 0x%x must be multiples of page size 0x%x", f.offset, page)
	}
	if err := f.extend(file, size); err != nil {
		return nil, err
	}
	return memory.NewBacked(f.blockName(), size, memory.Backing{
		File: file, Offset: int64(f.offset), Shared: f.share, Named: true, ReadOnly: f.rom == qapi.OnOffAutoOn,
	})
}

// extend gives an empty file its size, and refuses one that is too small.
func (f *fileBacking) extend(file *os.File, size uint64) error {
	info, err := file.Stat()
	if err != nil {
		return failed(err, "can't open backing store %s for guest RAM", f.path)
	}
	have := uint64(info.Size())
	switch {
	case have == 0 && !f.readonly && info.Mode().IsRegular():
		if err := file.Truncate(int64(size + f.offset)); err != nil {
			return failed(err, "can't open backing store %s for guest RAM", f.path)
		}
	case info.Mode().IsRegular() && have < f.size+f.offset:
		return qapi.Errorf("%s backing store size 0x%x is too small for 'size' option 0x%x plus 'offset' option 0x%x",
			f.id, have, f.size, f.offset)
	}
	return nil
}
