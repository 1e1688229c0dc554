package object

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"qmpmigrate/core/memory"
	"qmpmigrate/qapi"
)

// Memory is a memory backend: memory that can become a machine's RAM.
type Memory struct {
	block *memory.Block
	info  memoryInfo

	mu    sync.Mutex
	merge bool
}

// memoryInfo is what users said about a backend, with what they left out.
type memoryInfo struct {
	id, typeName string
	size         uint64
	share        bool
	reserve      bool
	prealloc     bool
	merge, dump  bool
	canonical    bool
	threads      uint32
	policy       qapi.HostMemPolicy
	nodes        []uint16
	extra        []extra // of the kind
}

// extra is a property that only one kind has.
type extra struct {
	name, typeName string
	value          any
}

const (
	maxHostNodes = 128
	// maxMemory is more than any process can map.
	maxMemory = 1 << 46
)

// common reads what all kinds have, and checks it in the order of QEMU.
func common(id, typeName string, p *qapi.MemoryBackendProperties, share bool) (memoryInfo, error) {
	m := memoryInfo{
		id: id, typeName: typeName, size: p.Size,
		share:     otherwise(p.Share, share),
		reserve:   otherwise(p.Reserve, true),
		prealloc:  otherwise(p.Prealloc, false),
		merge:     otherwise(p.Merge, true),
		dump:      otherwise(p.Dump, true),
		canonical: otherwise(p.XUseCanonicalPathForRamblockID, false),
		threads:   otherwise(p.PreallocThreads, 1),
		policy:    otherwise(p.Policy, qapi.HostMemPolicyDefault),
		nodes:     p.HostNodes,
	}
	for _, n := range m.nodes {
		if n >= maxHostNodes {
			return m, qapi.Errorf("Invalid host-nodes value: %d", n)
		}
	}
	switch {
	case m.size == 0:
		return m, qapi.Errorf("property 'size' of %s doesn't take value '0'", typeName)
	case m.threads == 0:
		return m, qapi.Errorf("property 'prealloc-threads' of %s doesn't take value '0'", typeName)
	case p.PreallocContext != nil:
		return m, qapi.ClassErrorf(qapi.DeviceNotFound, "Device '%s' not found", *p.PreallocContext)
	case m.prealloc && !m.reserve:
		return m, qapi.Errorf("'prealloc=on' and 'reserve=off' are incompatible")
	}
	return m, nil
}

// finish makes the backend of its block, which it gives back on failure.
func (m memoryInfo) finish(block *memory.Block) (*Memory, error) {
	if err := m.settle(block); err != nil {
		return nil, errors.Join(err, block.Close())
	}
	return &Memory{block: block, info: m, merge: m.merge}, nil
}

// settle tells the system how the memory is to be treated.
func (m memoryInfo) settle(block *memory.Block) error {
	mem := block.Bytes()
	if m.merge {
		_ = unix.Madvise(mem, unix.MADV_MERGEABLE)
	}
	if !m.dump {
		_ = unix.Madvise(mem, unix.MADV_DONTDUMP)
	}
	if err := m.bind(mem); err != nil {
		return err
	}
	if !m.prealloc {
		return nil
	}
	if err := block.Prealloc(); err != nil {
		return failed(err, "qemu_prealloc_mem: preallocating memory failed")
	}
	return nil
}

// blockName is what the RAM block of a backend is called.
func (m memoryInfo) blockName() string {
	if m.canonical {
		return "/objects/" + m.id
	}
	return m.id
}

// pages is the size in whole pages.
func (m memoryInfo) pages() (uint64, error) {
	size := (m.size + memory.PageSize - 1) &^ (memory.PageSize - 1)
	if size < m.size || size > maxMemory {
		return 0, fmt.Errorf("cannot set up guest memory '%s': Cannot allocate memory", m.blockName())
	}
	return size, nil
}

// Block is the memory itself. The backend owns it.
func (m *Memory) Block() *memory.Block { return m.block }

// Size is how many bytes the user asked for.
func (m *Memory) Size() uint64 { return m.info.size }

// Info is what query-memdev tells.
func (m *Memory) Info() qapi.Memdev {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := &m.info
	return qapi.Memdev{
		ID: &i.id, Size: i.size, Merge: m.merge, Dump: i.dump, Prealloc: m.block.Preallocated(),
		Share: i.share, Reserve: &i.reserve, HostNodes: append([]uint16{}, i.nodes...), Policy: i.policy,
	}
}

// Close gives the memory back.
func (m *Memory) Close() error { return m.block.Close() }

func otherwise[T any](given *T, def T) T {
	if given != nil {
		return *given
	}
	return def
}
