package main

import (
	"fmt"
	"slices"
	"strconv"

	"qmpmigrate/channels"
	"qmpmigrate/channels/chardev"
	"qmpmigrate/cmd/qmpmigrate/cmdline"
)

// chardevConfig is what the command line says about a device, for those who
// open it. Its nodelay needs nothing: sockets here never delay.
func chardevConfig(c *cmdline.Chardev, objects []cmdline.Object) (chardev.Config, error) {
	conf := chardev.Config{
		Label:     c.ID,
		Backend:   chardev.Backend(c.Backend),
		Server:    c.Server,
		Wait:      c.Wait,
		Reconnect: c.Reconnect,
		Telnet:    c.Telnet,
		Path:      c.Path,
		Input:     c.Input,
		Append:    c.Append,
		Size:      c.Size,
		Signal:    c.Signal,
		LogFile:   c.LogFile,
		LogAppend: c.LogAppend,
		Mux:       c.Mux,
	}
	conf.Address = chardevAddress(c)
	conf.Local = channels.InetAddress{Host: c.LocalHost, Port: c.LocalPort}
	return conf, refuseLayers(c, objects)
}

// refuseLayers names what cannot be put on a socket yet.
func refuseLayers(c *cmdline.Chardev, objects []cmdline.Object) error {
	known := func(o cmdline.Object) bool { return o.ID == c.TLSCreds }
	if c.TLSCreds != "" && !slices.ContainsFunc(objects, known) {
		return fmt.Errorf("No TLS credentials with id '%s'", c.TLSCreds)
	}
	for _, layer := range []struct {
		name  string
		asked bool
	}{{"tls-creds", c.TLSCreds != ""}, {"websocket", c.WebSocket}, {"tn3270", c.TN3270}} {
		if layer.asked {
			return fmt.Errorf("'%s' is not supported yet by this build", layer.name)
		}
	}
	return nil
}

func chardevAddress(c *cmdline.Chardev) channels.Address {
	a := channels.Address{Transport: channels.TransportSocket}
	switch c.Net {
	case cmdline.NetUnix:
		a.Type = channels.SocketUnix
		a.Unix = channels.UnixAddress{Path: c.Path, Abstract: c.Abstract, Loose: c.Abstract && !c.Tight}
	case cmdline.NetTCP, cmdline.NetUDP:
		a.Type = channels.SocketInet
		a.Inet = channels.InetAddress{
			Host: c.Host, Port: c.Port, HasTo: c.To != 0, To: c.To,
			IPv4: channels.FlagOf(c.IPv4), IPv6: channels.FlagOf(c.IPv6),
		}
	case cmdline.NetFD:
		a.Type = channels.SocketFD
		a.FD.Name = strconv.Itoa(c.FD)
	}
	return a
}
