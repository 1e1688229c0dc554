package qmp

const (
	readSize = 16 << 10 // bytes asked of a connection at once; requests are far shorter

	// queueLength is the number of requests that wait per session while one runs, when out-of-band execution is on.
	// Clients may count on it.
	queueLength = 8

	// A client that does not read its replies is not read from any more when maxReplies bytes wait for it, and is
	// disconnected when events make that maxPending: nobody can tell a late client which events it missed.
	maxReplies = 32 << 20
	maxPending = 64 << 20

	keepScratch = 64 << 10 // buffers up to this size are kept for the next message
)
