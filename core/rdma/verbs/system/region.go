package system

import (
	"fmt"

	"qmpmigrate/core/rdma/verbs"
)

// region is memory that was registered. It is kept while it is.
type region struct {
	of            *endpoint
	mem           []byte
	mr            uintptr // ibv_mr
	local, remote uint32
}

func (e *endpoint) Register(mem []byte, remote bool) (verbs.Region, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch n := uint64(len(mem)); {
	case e.closed:
		return nil, verbs.ErrShut
	case n == 0 || n > e.maxMR:
		return nil, fmt.Errorf("%d bytes cannot be registered with a device that takes %d", n, e.maxMR)
	}
	access := uintptr(accessLocalWrite)
	if remote {
		access |= accessRemoteWrite
	}
	mr, err := e.lib.take(e.lib.regMR, e.pd, uintptr(verbs.Address(mem)), uintptr(len(mem)), access)
	if err != nil {
		return nil, err
	}
	known := at[memoryRegion](mr)
	r := &region{of: e, mem: mem, mr: mr, local: known.local, remote: known.remote}
	e.regions[r] = struct{}{}
	return r, nil
}

func (r *region) Key() uint32 { return r.remote }

// Release ends the registration, unless the connection's end did.
func (r *region) Release() error {
	e := r.of
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.regions[r]; !ok || e.closed {
		return nil
	}
	delete(e.regions, r)
	return e.lib.do(e.lib.deregMR, r.mr)
}

// holds says whether a range lies in the region.
func (r *region) holds(address, size uint64) bool {
	begin, length := verbs.Address(r.mem), uint64(len(r.mem))
	return address >= begin && address-begin <= length && size <= length-(address-begin)
}
