package object

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"qmpmigrate/qapi"
)

// The flags of mbind(2) that the system library has and x/sys has not.
const (
	mpolStrict = 1 << 0
	mpolMove   = 1 << 1
)

// bind takes the memory from the nodes of the host that the policy names.
func (m memoryInfo) bind(mem []byte) error {
	if len(m.nodes) == 0 {
		if m.policy != qapi.HostMemPolicyDefault {
			return qapi.Errorf("host-nodes must be set for policy %s", m.policy)
		}
		return nil
	}
	modes := map[qapi.HostMemPolicy]uintptr{
		qapi.HostMemPolicyPreferred: 1, qapi.HostMemPolicyBind: 2, qapi.HostMemPolicyInterleave: 3,
	}
	mode, ok := modes[m.policy]
	if !ok {
		return qapi.Errorf("host-nodes must be empty for policy default, " +
			"or you should explicitly specify a policy other than default")
	}
	var mask [maxHostNodes/64 + 1]uint64
	last := uint16(0)
	for _, n := range m.nodes {
		mask[n/64] |= 1 << (n % 64)
		last = max(last, n)
	}
	// The kernel does not look at the last bit that it is told of.
	_, _, errno := unix.Syscall6(unix.SYS_MBIND, uintptr(unsafe.Pointer(&mem[0])), uintptr(len(mem)), mode,
		uintptr(unsafe.Pointer(&mask)), uintptr(last)+2, mpolStrict|mpolMove)
	runtime.KeepAlive(&mask)
	if errno != 0 {
		return failed(errno, "cannot bind memory to host NUMA nodes")
	}
	return nil
}
