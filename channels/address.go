package channels

import (
	"os"
	"strconv"
)

// Transport is the first level of an address, with the names of QAPI's MigrationAddressType.
type Transport string

// The transports.
const (
	TransportSocket Transport = "socket"
	TransportExec   Transport = "exec"
	TransportRDMA   Transport = "rdma" // Inet says where; nothing here opens it
	TransportFile   Transport = "file"
)

// SocketType is the second level for sockets, with the names of QAPI's SocketAddressType.
type SocketType string

// The kinds of sockets. SocketFD is any descriptor that somebody else opened, pipes and files included.
const (
	SocketInet  SocketType = "inet"
	SocketUnix  SocketType = "unix"
	SocketVsock SocketType = "vsock"
	SocketFD    SocketType = "fd"
)

// Address says where a channel leads to (Dial) or where it is waited for (Listen). Transport and, for sockets, Type
// tell which one of the other members counts.
type Address struct {
	Transport Transport
	Type      SocketType

	Inet  InetAddress
	Unix  UnixAddress
	Vsock VsockAddress
	FD    FDAddress
	Exec  ExecAddress
	File  FileAddress
}

// Connects says whether an address is that of a peer, which may be slow to answer.
func (a Address) Connects() bool {
	return a.Transport == TransportRDMA || a.Transport == TransportSocket && a.Type != SocketFD
}

// InetAddress is a TCP address.
type InetAddress struct {
	Host string // name or number, without brackets; "" listens on all addresses and cannot be dialled
	Port string // number (taken modulo 65536) or service name; 0 lets Listen pick one

	HasTo bool   // listen only: To is given
	To    uint16 // last port to try when the ones from Port on are in use

	IPv4, IPv6 Flag // which families may be used; both unset: all
	KeepAlive  Flag // SO_KEEPALIVE; unset is off
}

// UnixAddress is the path of a UNIX socket.
type UnixAddress struct {
	Path     string // at most MaxUnixPath bytes
	Abstract bool   // in the abstract namespace, without a file
	Loose    bool   // abstract only: the name is padded with NULs to its full size ("tight": false)
}

// VsockAddress is an address between a virtual machine and its host, both parts being decimal numbers.
type VsockAddress struct {
	CID, Port string
}

// FDAddress is an open descriptor. Dial and Listen take File over: it is theirs to close, even when they fail.
type FDAddress struct {
	Name string   // the number of an inherited descriptor, or the name a monitor knows File by
	File *os.File // nil: Name is the number of an inherited descriptor
}

// Number returns the descriptor number that the name stands for, if it is one.
func (a FDAddress) Number() (int, bool) {
	n, err := strconv.ParseUint(a.Name, 10, 31)
	return int(n), err == nil
}

// ExecAddress is a command. Its program is not searched for in $PATH.
type ExecAddress struct {
	Args []string // program and arguments, at least one
}

// FileAddress is a place in a file.
type FileAddress struct {
	Path   string // /dev/fdset/N is a descriptor of set N
	Offset uint64 // in bytes; Dial cuts the file here before writing
	Sets   FDSets // where the paths /dev/fdset/N are looked up; nil: there are none
}

// FDSets are numbered sets of descriptors that somebody else opened.
type FDSets interface {
	// OpenFD opens a duplicate of a descriptor of the set that was opened with the access mode of flags, those of
	// open(2). done must be called once the file was closed.
	OpenFD(set int64, flags int) (file *os.File, done func(), err error)
}

// Flag is a boolean that may be absent.
type Flag uint8

// The values of a Flag.
const (
	FlagUnset Flag = iota
	FlagOff
	FlagOn
)

// FlagOf converts an optional boolean, nil being FlagUnset.
func FlagOf(b *bool) Flag {
	switch {
	case b == nil:
		return FlagUnset
	case *b:
		return FlagOn
	}
	return FlagOff
}

// Ptr converts to an optional boolean, FlagUnset being nil.
func (f Flag) Ptr() *bool {
	if f == FlagUnset {
		return nil
	}
	return new(f == FlagOn)
}
