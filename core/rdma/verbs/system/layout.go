package system

import "unsafe"

// What the libraries read and write, laid out as rdma-core's headers have it.
// What follows behind the fields here is not looked at.

// layoutArch is where it is laid out so.
const layoutArch = "amd64"

// The places of inline functions in a context's table of operations.
const (
	opPollCQ      = 11
	opReqNotifyCQ = 12
	opPostSend    = 25
	opPostRecv    = 26
	ops           = 32
)

// Numbers of rdma-core.
const (
	portSpaceTCP = 0x106 // RDMA_PS_TCP

	optionID        = 0 // RDMA_OPTION_ID
	optionReuseAddr = 1 // RDMA_OPTION_ID_REUSEADDR

	reliable = 2 // IBV_QPT_RC

	opcodeWrite = 0 // IBV_WR_RDMA_WRITE
	opcodeSend  = 2 // IBV_WR_SEND
	signaled    = 2 // IBV_SEND_SIGNALED

	accessLocalWrite  = 1 // IBV_ACCESS_LOCAL_WRITE
	accessRemoteWrite = 2 // IBV_ACCESS_REMOTE_WRITE

	statusFlushed = 5 // IBV_WC_WR_FLUSH_ERR
)

// happening is what an event tells: enum rdma_cm_event_type.
type happening int32

const (
	addrResolved   happening = 0
	routeResolved  happening = 2
	connectRequest happening = 4
	rejected       happening = 8
	established    happening = 9
	disconnected   happening = 10
	deviceRemoval  happening = 11
)

// deviceContext is ibv_context.
type deviceContext struct {
	_   uintptr // the device
	ops [ops]function
}

// contextual is the beginning of ibv_qp.
type contextual struct{ context uintptr }

// compChannel is ibv_comp_channel.
type compChannel struct {
	_  uintptr // the context
	fd int32
}

// eventChannel is rdma_event_channel.
type eventChannel struct{ fd int32 }

// cmID is rdma_cm_id.
type cmID struct {
	verbs    uintptr
	_        [2]uintptr // the channel, and what its user keeps there
	qp       uintptr
	src, dst socketAddress
}

// socketAddress is sockaddr_storage.
type socketAddress [128]byte

// cmEvent is rdma_cm_event with its connection parameters.
type cmEvent struct {
	id, listen uintptr
	kind       happening
	status     int32
	connParam
}

// connParam is rdma_conn_param.
type connParam struct {
	private                         uintptr
	privateSize                     uint8
	responderResources              uint8
	initiatorDepth                  uint8
	flowControl                     uint8
	retries, rnrRetries, sharedRecv uint8
	qp                              uint32
}

// memoryRegion is ibv_mr.
type memoryRegion struct {
	_             [4]uintptr // context, domain, address, length
	_             uint32     // handle
	local, remote uint32
}

// qpInit is ibv_qp_init_attr.
type qpInit struct {
	user, sendCQ, recvCQ, sharedRecv uintptr
	sends, receives                  uint32
	sendPieces, recvPieces           uint32
	inline                           uint32
	kind, signalAll                  int32
}

// piece is ibv_sge.
type piece struct {
	addr      uint64
	size, key uint32
}

// sendWork is ibv_send_wr.
type sendWork struct {
	id                       uint64
	next, pieces             uintptr
	count                    int32
	opcode, flags, immediate uint32
	addr                     uint64
	key                      uint32
	_                        [76]byte
}

// receiveWork is ibv_recv_wr.
type receiveWork struct {
	id           uint64
	next, pieces uintptr
	count        int32
}

// completion is ibv_wc.
type completion struct {
	id           uint64
	status       int32
	opcode       uint32
	vendor, size uint32
	_            [24]byte
}

// deviceAttr is ibv_device_attr.
type deviceAttr struct {
	_       [80]byte
	maxMR   uint64
	_       [24]byte
	maxWork int32
	_       [116]byte
}

// at is memory of C.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }
