package system

import (
	"fmt"
	"sync"

	"github.com/ebitengine/purego"
)

// The libraries with the interfaces that are called here. They have been the
// same since rdma-core began.
const (
	cmName    = "librdmacm.so.1"
	verbsName = "libibverbs.so.1"
)

// load finds the libraries. They are one for the whole process, and stay: what
// was loaded can never be given back.
var load = sync.OnceValues(func() (*library, error) { return open(cmName, verbsName) })

// library is both of them. Handles of C are numbers.
type library struct {
	createEventChannel  func() (channel uintptr)
	destroyEventChannel func(channel uintptr)
}

// open loads the libraries of these names.
func open(cm, ibverbs string) (*library, error) {
	l := &library{}
	for _, lib := range []struct {
		name      string
		functions map[string]any
	}{
		// What is inline in C calls through the second one's tables.
		{ibverbs, map[string]any{}},
		{cm, map[string]any{
			"rdma_create_event_channel":  &l.createEventChannel,
			"rdma_destroy_event_channel": &l.destroyEventChannel,
		}},
	} {
		handle, err := purego.Dlopen(lib.name, purego.RTLD_NOW|purego.RTLD_GLOBAL)
		if err != nil {
			return nil, missing(err)
		}
		for name, to := range lib.functions {
			address, err := purego.Dlsym(handle, name)
			if err != nil {
				return nil, missing(err)
			}
			purego.RegisterFunc(to, address)
		}
	}
	return l, nil
}

func missing(err error) error {
	return fmt.Errorf("RDMA ERROR: migration over RDMA requires librdmacm and libibverbs: %w", err)
}
