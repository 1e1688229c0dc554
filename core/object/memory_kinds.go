package object

import (
	"math/bits"
	"os"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/memory"
	"qmpmigrate/qapi"
)

// newRAM makes memory of this process, or nameless memory that can be handed to others.
func newRAM(id string, p *qapi.MemoryBackendProperties) (*Memory, error) {
	m, err := common(id, "memory-backend-ram", p, false)
	if err != nil {
		return nil, err
	}
	if m.share {
		return m.nameless("memory-backend-ram", 0, "failed to allocate shared memory")
	}
	size, err := m.pages()
	if err != nil {
		return nil, err
	}
	block, err := memory.New(m.blockName(), size)
	if err != nil {
		return nil, err
	}
	return m.finish(block)
}

// newShm makes the memory of a POSIX shared memory object that has lost its name.
func newShm(id string, p *qapi.MemoryBackendShmProperties) (*Memory, error) {
	m, err := common(id, "memory-backend-shm", memoryPart(p), true)
	if err != nil {
		return nil, err
	}
	if !m.share {
		return nil, qapi.Errorf("can't create shm backend with `share=off`")
	}
	return m.nameless("memory-backend-shm", 0, "failed to create POSIX shared memory")
}

// newMemfd makes the memory of a nameless file.
func newMemfd(id string, p *qapi.MemoryBackendMemfdProperties) (*Memory, error) {
	m, err := common(id, "memory-backend-memfd", memfdPart(p), true)
	if err != nil {
		return nil, err
	}
	huge, hugeSize, seal := otherwise(p.Hugetlb, false), otherwise(p.Hugetlbsize, 0), otherwise(p.Seal, true)
	m.extra = []extra{{"hugetlb", "bool", huge}, {"seal", "bool", seal}, {"hugetlbsize", "int", hugeSize}}
	flags := unix.MFD_CLOEXEC
	if huge {
		exponent := bits.TrailingZeros64(hugeSize) % 64
		if exponent > 0 && hugeSize != 1<<exponent {
			return nil, qapi.Errorf("Hugepage size must be a power of 2")
		}
		flags |= unix.MFD_HUGETLB | exponent<<unix.MFD_HUGE_SHIFT
	}
	if seal {
		flags |= unix.MFD_ALLOW_SEALING
	}
	return m.nameless("memory-backend-memfd", flags, "failed to create memfd")
}

// nameless makes the block of a memfd; complaint says that there can be none.
func (m memoryInfo) nameless(name string, flags int, complaint string) (*Memory, error) {
	size, err := m.pages()
	if err != nil {
		return nil, err
	}
	if m.typeName == "memory-backend-memfd" && size != m.size {
		return nil, qapi.Errorf("%s backing store size 0x%x is too small for 'size' option 0x%x plus 'offset' option 0x0",
			m.id, m.size, size)
	}
	fd, err := unix.MemfdCreate(name, flags|unix.MFD_CLOEXEC)
	if err != nil {
		return nil, failed(err, "%s", complaint)
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close() // the mapping stays
	if err := unix.Ftruncate(fd, int64(size)); err != nil {
		return nil, failed(err, "failed to resize memfd to %d", m.size)
	}
	if flags&unix.MFD_ALLOW_SEALING != 0 {
		seals := unix.F_SEAL_GROW | unix.F_SEAL_SHRINK | unix.F_SEAL_SEAL
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
			return nil, failed(err, "failed to add seals 0x%x", seals)
		}
	}
	block, err := memory.NewBacked(m.blockName(), size, memory.Backing{File: f, Shared: m.share})
	if err != nil {
		return nil, err
	}
	return m.finish(block)
}

// The parts of these kinds that all kinds have.

func memoryPart(p *qapi.MemoryBackendShmProperties) *qapi.MemoryBackendProperties {
	return (*qapi.MemoryBackendProperties)(p)
}

func memfdPart(p *qapi.MemoryBackendMemfdProperties) *qapi.MemoryBackendProperties {
	return &qapi.MemoryBackendProperties{
		Dump: p.Dump, HostNodes: p.HostNodes, Merge: p.Merge, Policy: p.Policy, Prealloc: p.Prealloc,
		PreallocThreads: p.PreallocThreads, PreallocContext: p.PreallocContext, Share: p.Share,
		Reserve: p.Reserve, Size: p.Size, XUseCanonicalPathForRamblockID: p.XUseCanonicalPathForRamblockID,
	}
}

func filePart(p *qapi.MemoryBackendFileProperties) *qapi.MemoryBackendProperties {
	return &qapi.MemoryBackendProperties{
		Dump: p.Dump, HostNodes: p.HostNodes, Merge: p.Merge, Policy: p.Policy, Prealloc: p.Prealloc,
		PreallocThreads: p.PreallocThreads, PreallocContext: p.PreallocContext, Share: p.Share,
		Reserve: p.Reserve, Size: p.Size, XUseCanonicalPathForRamblockID: p.XUseCanonicalPathForRamblockID,
	}
}
