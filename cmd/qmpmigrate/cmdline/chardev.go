package cmdline

import "time"

// Net says what kind of address a socket or udp character device has.
type Net string

// The kinds of address.
const (
	NetUnix Net = "unix" // Path
	NetTCP  Net = "tcp"  // Host, Port
	NetFD   Net = "fd"   // FD: an inherited socket, listening if Server, connected if not
	NetUDP  Net = "udp"  // Host, Port and LocalHost, LocalPort
)

// Chardev describes a character device: where a monitor, a serial port or a test harness is attached. Fields that the
// backend does not use are zero.
type Chardev struct {
	ID      string // unique; compat_monitorN and serialN for those that an option made on the side
	Backend string // socket, udp, stdio, file, pipe, pty, null, ringbuf, memory, serial or vc
	Where   Origin // for messages about opening it

	Net  Net    // of socket and udp
	Path string // of unix sockets, file, pipe, serial and pty; a server's may be empty: pick one under the temp folder
	FD   int    // of NetFD
	Host string // empty: any
	Port string // a number or the name of a service; "0": any

	LocalHost, LocalPort string // of udp

	Server    bool
	Wait      bool          // a server blocks at start until a client is there
	Reconnect time.Duration // of a client: try again after so long; 0: fail at once if nobody listens
	To        uint16        // a server may use any port from Port to To; 0: only Port
	IPv4      *bool         // nil: not said
	IPv6      *bool
	NoDelay   bool // TCP_NODELAY
	Abstract  bool // the path is no file's: abstract name space
	Tight     bool // an abstract name is not padded with zeros; default true

	Telnet, TN3270, WebSocket bool // layers on the stream
	TLSCreds, TLSAuthz        string

	Append bool   // file: do not truncate
	Input  string // file: read from this one
	Size   uint64 // ringbuf: bytes, a power of two
	Signal bool   // stdio: Ctrl-C ends the process

	Mux       bool // several front ends may share it
	LogFile   string
	LogAppend bool
}

// String returns a short form for people: what kind of device and where.
func (c *Chardev) String() string {
	switch {
	case c.Net == NetTCP || c.Net == NetUDP:
		return string(c.Net) + ":" + c.Host + ":" + c.Port
	case c.Net == NetUnix:
		return "unix:" + c.Path
	case c.Path != "":
		return c.Backend + ":" + c.Path
	}
	return c.Backend
}
