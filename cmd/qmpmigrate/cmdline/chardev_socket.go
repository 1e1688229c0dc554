package cmdline

import (
	"fmt"
	"math"
	"time"

	"qmpmigrate/qapi/scalar"
)

// maxUnixPath is the room in a socket address, less the byte that ends the path.
const maxUnixPath = 107

func buildSocket(o *opts, c *Chardev) error {
	if err := socketAddress(o, c); err != nil {
		return err
	}
	c.Server = o.bool("server", false)
	c.Wait = c.Server && o.bool("wait", true)
	c.Telnet, c.TN3270 = o.bool("telnet", false), o.bool("tn3270", false)
	c.WebSocket = o.bool("websocket", false)
	c.TLSCreds, c.TLSAuthz = o.get("tls-creds"), o.get("tls-authz")
	if o.has("delay") && o.has("nodelay") {
		return fail("'delay' and 'nodelay' are mutually exclusive")
	}
	c.NoDelay = o.bool("nodelay", !o.bool("delay", true))
	c.Reconnect = interval(o.number("reconnect", 0), time.Second)
	if o.has("reconnect-ms") {
		c.Reconnect = interval(o.number("reconnect-ms", 0), time.Millisecond)
	}
	return socketConflicts(o, c)
}

// socketAddress finds out which of the three addresses is meant.
func socketAddress(o *opts, c *Chardev) error {
	path, hasPath := o.lookup("path")
	host, hasHost := o.lookup("host")
	fd, hasFD := o.lookup("fd")
	switch {
	case hasPath && hasHost, hasPath && hasFD, hasHost && hasFD:
		return fail("None or one of 'path', 'fd' or 'host' option required.")
	case hasPath:
		c.Net, c.Path = NetUnix, path
		c.Abstract, c.Tight = o.bool("abstract", false), o.bool("tight", true)
		if len(path) > maxUnixPath {
			limit := maxUnixPath + 1
			if c.Abstract {
				limit = maxUnixPath
			}
			e := fail("UNIX socket path '%s' is too long", path)
			e.Hints = []string{fmt.Sprintf("Path must be less than %d bytes", limit)}
			return e
		}
	case hasHost:
		if !o.has("port") {
			return fail("chardev: socket: no port given")
		}
		c.Net, c.Host, c.Port = NetTCP, host, o.get("port")
		c.To = uint16(o.number("to", 0))
		c.IPv4, c.IPv6 = o.optionalBool("ipv4"), o.optionalBool("ipv6")
	default:
		n, err := scalar.Int(fd)
		switch {
		case err != nil:
			return fail("Unable to parse FD number %s", fd)
		case n < 0 || n > math.MaxInt32:
			return fail("File descriptor '%s' is not a socket", fd)
		}
		c.Net, c.FD = NetFD, int(n)
	}
	return nil
}

// socketConflicts refuses options that make no sense on this side of a connection.
func socketConflicts(o *opts, c *Chardev) error {
	switch {
	case c.Net == NetFD && o.has("reconnect"):
		return fail("'reconnect' option is incompatible with 'fd' address type")
	case c.TLSAuthz != "" && c.TLSCreds == "":
		return fail("'tls_authz' option requires 'tls_creds' option")
	case c.Server && o.has("reconnect"):
		return fail("'reconnect' option is incompatible with socket in server listen mode")
	case !c.Server && c.WebSocket:
		return fail("Websocket client is not implemented")
	case !c.Server && o.has("wait"):
		return fail("'wait' option is incompatible with socket in client connect mode")
	case o.has("reconnect") && o.has("reconnect-ms"):
		return fail("'reconnect' and 'reconnect-ms' are mutually exclusive")
	}
	return nil
}

// interval returns n units, at most the longest duration there is.
func interval(n uint64, unit time.Duration) time.Duration {
	if n > uint64(math.MaxInt64/unit) {
		return math.MaxInt64
	}
	return time.Duration(n) * unit
}
