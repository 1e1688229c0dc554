package system

import (
	"fmt"
	"runtime"
	"sync"
	"syscall"

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

// function is where a function of C is.
type function uintptr

// call calls it. Whatever the arguments lead to is memory that was mapped, or C's.
func (f function) call(args ...uintptr) uintptr {
	r, _, _ := purego.SyscallN(uintptr(f), args...)
	return r
}

// library is both of them. Handles of C are numbers.
type library struct {
	createEventChannel, destroyEventChannel   function
	getEvent, ackEvent, eventText             function
	createID, destroyID, migrateID, setOption function
	resolveAddr, resolveRoute                 function
	bindAddr, listen, srcPort                 function
	createQP, destroyQP                       function
	connect, accept, reject, disconnect       function

	queryDevice                           function
	allocPD, deallocPD                    function
	createCompChannel, destroyCompChannel function
	createCQ, destroyCQ                   function
	getCQEvent, ackCQEvents               function
	regMR, deregMR                        function
	statusText, errnoLocation             function
}

// open loads the libraries of these names.
func open(cm, ibverbs string) (*library, error) {
	if arch := runtime.GOARCH; arch != layoutArch {
		return nil, fmt.Errorf("RDMA ERROR: migration over RDMA by the system's libraries is not supported on %s", arch)
	}
	l := &library{}
	for _, lib := range []struct {
		name      string
		functions map[string]*function
	}{
		// What is inline in C calls through the tables of a device: see tables.
		{ibverbs, map[string]*function{
			"ibv_query_device": &l.queryDevice,
			"ibv_alloc_pd":     &l.allocPD, "ibv_dealloc_pd": &l.deallocPD,
			"ibv_create_comp_channel": &l.createCompChannel, "ibv_destroy_comp_channel": &l.destroyCompChannel,
			"ibv_create_cq": &l.createCQ, "ibv_destroy_cq": &l.destroyCQ,
			"ibv_get_cq_event": &l.getCQEvent, "ibv_ack_cq_events": &l.ackCQEvents,
			"ibv_reg_mr": &l.regMR, "ibv_dereg_mr": &l.deregMR,
			"ibv_wc_status_str": &l.statusText,
			"__errno_location":  &l.errnoLocation, // of the C library that came with it
		}},
		{cm, map[string]*function{
			"rdma_create_event_channel": &l.createEventChannel, "rdma_destroy_event_channel": &l.destroyEventChannel,
			"rdma_get_cm_event": &l.getEvent, "rdma_ack_cm_event": &l.ackEvent, "rdma_event_str": &l.eventText,
			"rdma_create_id": &l.createID, "rdma_destroy_id": &l.destroyID, "rdma_migrate_id": &l.migrateID,
			"rdma_set_option":   &l.setOption,
			"rdma_resolve_addr": &l.resolveAddr, "rdma_resolve_route": &l.resolveRoute,
			"rdma_bind_addr": &l.bindAddr, "rdma_listen": &l.listen, "rdma_get_src_port": &l.srcPort,
			"rdma_create_qp": &l.createQP, "rdma_destroy_qp": &l.destroyQP,
			"rdma_connect": &l.connect, "rdma_accept": &l.accept, "rdma_reject": &l.reject, "rdma_disconnect": &l.disconnect,
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
			*to = function(address)
		}
	}
	return l, nil
}

func missing(err error) error {
	return fmt.Errorf("RDMA ERROR: migration over RDMA requires librdmacm and libibverbs: %w", err)
}

// do calls a function that gives 0, an error's number, or -1 with the number in errno.
func (l *library) do(f function, args ...uintptr) error {
	// errno belongs to the thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	switch r := int32(f.call(args...)); {
	case r > 0:
		return syscall.Errno(r)
	case r < 0:
		return l.errno()
	}
	return nil
}

// take calls a function that gives something, or 0 with the reason in errno.
func (l *library) take(f function, args ...uintptr) (uintptr, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r := f.call(args...)
	if r == 0 {
		return 0, l.errno()
	}
	return r, nil
}

// errno is for whoever holds the thread.
func (l *library) errno() error {
	if e := syscall.Errno(*at[int32](l.errnoLocation.call())); e != 0 {
		return e
	}
	return syscall.EIO // it did not say
}

// maxText bounds the texts of the libraries, in bytes.
const maxText = 128

// text is what a function says of a number.
func text(f function, number int32) string {
	p := f.call(uintptr(number))
	if p == 0 {
		return fmt.Sprint(number)
	}
	var b []byte
	for i := range uintptr(maxText) {
		c := *at[byte](p + i)
		if c == 0 {
			break
		}
		b = append(b, c)
	}
	return string(b)
}
