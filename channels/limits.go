package channels

// Limits that the kernel or QEMU set.
const (
	// MaxVec is the number of buffers that one system call takes (IOV_MAX).
	MaxVec = 1024

	// MaxUnixPath is the longest path of a UNIX socket in bytes: sun_path's 108 less the final NUL.
	MaxUnixPath = 107

	maxHost      = 64 // characters of a host in a tcp: URI
	maxPort      = 32 // characters of a port or service name in a tcp: URI
	maxVsockPart = 32 // characters of each part of a vsock: URI
)
