package channels

import (
	"strconv"
	"strings"
)

// String prints the address as QEMU's monitor does: like the URI, but without options and with IPv6 hosts bare
// (`tcp:::1:4444`).
func (a Address) String() string {
	switch a.Transport {
	case TransportExec:
		return a.Exec.String()
	case TransportFile:
		return a.File.String()
	case TransportRDMA:
		return "rdma:" + a.Inet.Host + ":" + a.Inet.Port
	}
	switch a.Type {
	case SocketInet:
		return "tcp:" + a.Inet.Host + ":" + a.Inet.Port
	case SocketUnix:
		return "unix:" + a.Unix.Path
	case SocketVsock:
		return "vsock:" + a.Vsock.CID + ":" + a.Vsock.Port
	case SocketFD:
		return "fd:" + a.FD.Name
	}
	return "unknown address type"
}

// String is the URI of the command; a command that is not the shell's is printed with blanks between its arguments.
func (a ExecAddress) String() string {
	if len(a.Args) == 3 && a.Args[0] == shell && a.Args[1] == "-c" {
		return "exec:" + a.Args[2]
	}
	return "exec:" + strings.Join(a.Args, " ")
}

// String is the URI of the place.
func (a FileAddress) String() string {
	s := "file:" + a.Path
	if a.Offset != 0 {
		s += offsetKey + strconv.FormatUint(a.Offset, 10)
	}
	return s
}
