package cmdline

import "strings"

const (
	maxHost = 64 // bytes of a host in a device string
	maxPort = 32 // and of a port or a service's name
)

// readTCP returns the reader of HOST:PORT[,key=value]..., for a socket with that layer on top.
func readTCP(layer string) func(o *opts, rest string) error {
	return func(o *opts, rest string) error {
		host, port, rest, ok := hostPort(rest, ",")
		if !ok {
			return errNotADevice
		}
		o.put("host", host)
		o.put("port", port)
		if err := o.parse(strings.TrimPrefix(rest, ","), "", nil); err != nil {
			return err
		}
		if layer != "" {
			o.put(layer, "on")
		}
		return nil
	}
}

// readUDP reads [HOST]:PORT[@[LOCALHOST]:LOCALPORT].
func readUDP(o *opts, rest string) error {
	host, port, rest, ok := hostPort(rest, "@,")
	if !ok {
		return errNotADevice
	}
	o.put("host", host)
	o.put("port", port)
	local, ok := strings.CutPrefix(rest, "@")
	if !ok {
		return nil
	}
	host, port, _, ok = hostPort(local, ",")
	if !ok {
		return errNotADevice
	}
	o.put("localaddr", host)
	o.put("localport", port)
	return nil
}

// hostPort splits at the first colon, so a host cannot be a bracketed IPv6 address here. The port ends at one of stop,
// with which rest begins.
func hostPort(text, stop string) (host, port, rest string, ok bool) {
	host, rest, ok = strings.Cut(text, ":")
	if !ok || len(host) > maxHost {
		return "", "", "", false
	}
	end := strings.IndexAny(rest, stop)
	if end < 0 {
		end = len(rest)
	}
	port, rest = rest[:end], rest[end:]
	return host, port, rest, port != "" && len(port) <= maxPort
}
