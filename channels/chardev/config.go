package chardev

import (
	"time"

	"qmpmigrate/channels"
)

// Backend is a kind of character device, with the name that a command line gives it.
type Backend string

// The backends.
const (
	File    Backend = "file"    // Path to write, Input to read
	Memory  Backend = "memory"  // an old name of RingBuf
	Null    Backend = "null"    // nobody
	Pipe    Backend = "pipe"    // Path, or Path.in and Path.out
	PTY     Backend = "pty"     // a new pseudo terminal; Path is that of a symbolic link to it, or empty
	RingBuf Backend = "ringbuf" // Size bytes of memory
	Serial  Backend = "serial"  // Path of a terminal
	Socket  Backend = "socket"  // Address
	Stdio   Backend = "stdio"   // standard input and output
	UDP     Backend = "udp"     // Address.Inet and Local
	Console Backend = "vc"      // a virtual console; nobody looks at it
)

// Backends lists the kinds that can be opened, in alphabetical order, and mux, which Config.Mux makes.
func Backends() []string {
	return []string{
		string(File), string(Memory), "mux", string(Null), string(Pipe), string(PTY), string(RingBuf),
		string(Serial), string(Socket), string(Stdio), string(UDP), string(Console),
	}
}

// Config describes a device. Fields that its backend does not use are ignored.
type Config struct {
	Label   string
	Backend Backend

	// Of sockets. An address of type SocketFD is an inherited socket, which must be listening or able to if Server,
	// and connected if not. An empty path of a server's unix socket picks one in the folder for temporary files.
	Address   channels.Address
	Server    bool
	Wait      bool          // a server is open only when its first client is there
	Reconnect time.Duration // of a client: 0 fails to open when nobody listens, otherwise it tries again after so long
	Telnet    bool          // a server negotiates as telnet does

	Local  channels.InetAddress // of UDP; empty: any
	Path   string
	Input  string // of File; empty: there is nothing to read
	Append bool   // of File: go on at its end
	Size   uint64 // of RingBuf: a power of two; 0: 64 KiB
	Signal bool   // of Stdio: keys such as Ctrl-C send signals

	LogFile   string // everything that front ends write goes there, too; empty: nowhere
	LogAppend bool

	Mux bool // up to MaxFrontends front ends share the device
}

// protocol is the layer that names of TCP sockets begin with.
func (c *Config) protocol() string {
	if c.Telnet {
		return "telnet"
	}
	return "tcp"
}
