package migration

import (
	"os"

	"qmpmigrate/channels"
	"qmpmigrate/qapi"
)

// socketAddress gives a as query-migrate shows it, nil where it is no socket.
func socketAddress(a channels.Address) *qapi.SocketAddress {
	if a.Transport != channels.TransportSocket {
		return nil
	}
	switch a.Type {
	case channels.SocketInet:
		in := &qapi.InetSocketAddress{Host: a.Inet.Host, Port: a.Inet.Port,
			IPv4: a.Inet.IPv4.Ptr(), IPv6: a.Inet.IPv6.Ptr()}
		return &qapi.SocketAddress{Type: qapi.SocketAddressTypeInet, Inet: in}
	case channels.SocketUnix:
		return &qapi.SocketAddress{Type: qapi.SocketAddressTypeUnix, Unix: &qapi.UnixSocketAddress{Path: a.Unix.Path}}
	case channels.SocketVsock:
		return &qapi.SocketAddress{Type: qapi.SocketAddressTypeVsock,
			Vsock: &qapi.VsockSocketAddress{CID: a.Vsock.CID, Port: a.Vsock.Port}}
	}
	return nil
}

// Resolve makes an address of the arguments of migrate and migrate-incoming: exactly
// one of uri and list. open finds the descriptors that the monitor keeps by name.
func Resolve(uri *string, list []qapi.MigrationChannel, open func(name string) (*os.File, error)) (channels.Address, error) {
	a, err := resolve(uri, list)
	if err != nil {
		return a, qapi.AsError(err)
	}
	if a.Type == channels.SocketFD && a.Transport == channels.TransportSocket {
		if a.FD.File, err = open(a.FD.Name); err != nil {
			return a, qapi.AsError(err)
		}
	}
	return a, nil
}

func resolve(uri *string, list []qapi.MigrationChannel) (channels.Address, error) {
	switch {
	case (uri != nil) == (len(list) > 0):
		return channels.Address{}, qapi.Errorf("need either 'uri' or 'channels' argument")
	case uri != nil:
		return channels.ParseURI(*uri)
	}
	var main *qapi.MigrationChannel
	for i := range list {
		if list[i].ChannelType != qapi.MigrationChannelTypeMain {
			return channels.Address{}, qapi.Errorf("channel type '%s' is not supported yet by this build", list[i].ChannelType)
		}
		if main != nil {
			return channels.Address{}, qapi.Errorf("Channel list has more than one main entry")
		}
		main = &list[i]
	}
	return channelAddress(&main.Addr)
}

func channelAddress(a *qapi.MigrationAddress) (channels.Address, error) {
	switch a.Transport {
	case qapi.MigrationAddressTypeExec:
		if len(a.Exec.Args) == 0 {
			return channels.Address{}, qapi.Errorf("Parameter 'args' expects a command")
		}
		return channels.Address{Transport: channels.TransportExec, Exec: channels.ExecAddress{Args: a.Exec.Args}}, nil
	case qapi.MigrationAddressTypeFile:
		return channels.Address{Transport: channels.TransportFile,
			File: channels.FileAddress{Path: a.File.Filename, Offset: a.File.Offset}}, nil
	case qapi.MigrationAddressTypeSocket:
		return fromSocketAddress(a.Socket)
	}
	return channels.Address{}, qapi.Errorf("transport '%s' is not supported yet by this build", a.Transport)
}

func fromSocketAddress(s *qapi.SocketAddress) (channels.Address, error) {
	a := channels.Address{Transport: channels.TransportSocket}
	switch s.Type {
	case qapi.SocketAddressTypeInet:
		a.Type = channels.SocketInet
		a.Inet = channels.InetAddress{Host: s.Inet.Host, Port: s.Inet.Port, IPv4: channels.FlagOf(s.Inet.IPv4),
			IPv6: channels.FlagOf(s.Inet.IPv6), KeepAlive: channels.FlagOf(s.Inet.KeepAlive)}
		if s.Inet.To != nil {
			a.Inet.HasTo, a.Inet.To = true, *s.Inet.To
		}
	case qapi.SocketAddressTypeUnix:
		a.Type = channels.SocketUnix
		a.Unix = channels.UnixAddress{Path: s.Unix.Path, Abstract: s.Unix.Abstract != nil && *s.Unix.Abstract,
			Loose: s.Unix.Tight != nil && !*s.Unix.Tight}
	case qapi.SocketAddressTypeVsock:
		a.Type = channels.SocketVsock
		a.Vsock = channels.VsockAddress{CID: s.Vsock.CID, Port: s.Vsock.Port}
	case qapi.SocketAddressTypeFD:
		a.Type = channels.SocketFD
		a.FD = channels.FDAddress{Name: s.FD.Str}
	}
	return a, nil
}
