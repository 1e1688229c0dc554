package chardev

import (
	"net"

	"qmpmigrate/channels"
)

// disconnectedName is what a socket at an address is called that nobody is connected to.
func disconnectedName(c *Config, a channels.Address) string {
	return "disconnected:" + addressName(c, a)
}

func addressName(c *Config, a channels.Address) string {
	server := ""
	if c.Server {
		server = ",server=on"
	}
	switch a.Type {
	case channels.SocketInet:
		return c.protocol() + ":" + a.Inet.Host + ":" + a.Inet.Port + server
	case channels.SocketUnix:
		abstract := ""
		if a.Unix.Abstract {
			abstract = ",abstract=on"
			if !a.Unix.Loose {
				abstract += ",tight=on"
			}
		}
		return "unix:" + a.Unix.Path + abstract + server
	}
	return a.String() + server
}

// connectedName is what a socket is called that is one side of conn.
func connectedName(c *Config, conn net.Conn) string {
	server := ""
	if c.Server {
		server = ",server=on"
	}
	switch local := conn.LocalAddr().(type) {
	case *net.UnixAddr:
		end := local
		if !c.Server {
			end, _ = conn.RemoteAddr().(*net.UnixAddr)
		}
		if end == nil || len(end.Name) > 0 && end.Name[0] == '@' { // abstract names are not shown
			return "unix:" + server
		}
		return "unix:" + end.Name + server
	case *net.TCPAddr:
		return c.protocol() + ":" + local.String() + server + " <-> " + conn.RemoteAddr().String()
	}
	return "unknown"
}
