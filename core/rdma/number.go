package rdma

// Work is known by numbers: of what kind it is, and for writes which chunk of
// which block.
const (
	workWrite   = 1
	workSend    = 2000
	workReceive = 4000

	numberBlock = 16
	numberChunk = 30
)

// maxListed is how many blocks such a number can tell apart.
const maxListed = 1 << (numberChunk - numberBlock)

func writeNumber(block int, chunk uint64) uint64 {
	return workWrite | uint64(block)<<numberBlock | chunk<<numberChunk
}

func workKind(id uint64) uint64 { return id & (1<<numberBlock - 1) }

func workChunk(id uint64) (block int, chunk uint64) {
	return int(id >> numberBlock & (maxListed - 1)), id >> numberChunk
}
