package cmdline

import (
	"math"
	"time"
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
	if o.has("reconnect") && o.has("reconnect-ms") {
		return fail("'reconnect' and 'reconnect-ms' are mutually exclusive")
	}
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
		if len(path) > maxUnixPath {
			e := fail("UNIX socket path '%s' is too long", path)
			e.Hints = []string{"Path must be less than 108 bytes"}
			return e
		}
		c.Net, c.Path = NetUnix, path
		c.Abstract, c.Tight = o.bool("abstract", false), o.bool("tight", true)
	case hasHost:
		if !o.has("port") {
			return fail("chardev: socket: no port given")
		}
		c.Net, c.Host, c.Port = NetTCP, host, o.get("port")
		c.To = uint16(o.number("to", 0))
		c.IPv4, c.IPv6 = o.optionalBool("ipv4"), o.optionalBool("ipv6")
	default:
		n, err := ParseInt(fd)
		if err != nil || n < 0 || n > math.MaxInt32 {
			return fail("Unable to parse FD number %s", fd)
		}
		c.Net, c.FD = NetFD, int(n)
	}
	return nil
}

// socketConflicts refuses options that make no sense on this side of a connection.
func socketConflicts(o *opts, c *Chardev) error {
	reconnect := "reconnect"
	if o.has("reconnect-ms") {
		reconnect = "reconnect-ms"
	}
	switch {
	case c.TLSAuthz != "" && c.TLSCreds == "":
		return fail("'tls_authz' option requires 'tls_creds' option")
	case c.Server && c.Reconnect > 0:
		return fail("'%s' option is incompatible with socket in server listen mode", reconnect)
	case !c.Server && c.Net == NetFD && c.Reconnect > 0:
		return fail("'%s' option is incompatible with 'fd'", reconnect)
	case !c.Server && c.WebSocket:
		return fail("Websocket client is not implemented")
	case !c.Server && o.has("wait"):
		return fail("'wait' option is incompatible with socket in client connect mode")
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
