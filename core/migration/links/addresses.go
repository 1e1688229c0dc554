package links

import (
	"qmpmigrate/channels"
	"qmpmigrate/qapi"
)

// SocketAddress gives a as query-migrate shows it, nil where it is no socket.
func SocketAddress(a channels.Address) *qapi.SocketAddress {
	switch a.Transport {
	case channels.TransportRDMA:
		return inetAddress(a.Inet) // QEMU tells none; nobody could find a port that was picked
	case channels.TransportSocket:
	default:
		return nil
	}
	switch a.Type {
	case channels.SocketInet:
		return inetAddress(a.Inet)
	case channels.SocketUnix:
		return &qapi.SocketAddress{Type: qapi.SocketAddressTypeUnix, Unix: &qapi.UnixSocketAddress{Path: a.Unix.Path}}
	case channels.SocketVsock:
		return &qapi.SocketAddress{Type: qapi.SocketAddressTypeVsock,
			Vsock: &qapi.VsockSocketAddress{CID: a.Vsock.CID, Port: a.Vsock.Port}}
	}
	return nil
}

func inetAddress(a channels.InetAddress) *qapi.SocketAddress {
	in := &qapi.InetSocketAddress{Host: a.Host, Port: a.Port, IPv4: a.IPv4.Ptr(), IPv6: a.IPv6.Ptr()}
	return &qapi.SocketAddress{Type: qapi.SocketAddressTypeInet, Inet: in}
}

// Outgoing makes an address of migrate's arguments.
func Outgoing(uri *string, list []qapi.MigrationChannel) (channels.Address, error) {
	if (uri != nil) == (len(list) > 0) {
		return channels.Address{}, errOneAddress()
	}
	if uri != nil {
		return channels.ParseURI(*uri)
	}
	// A channel for what is not used in this mode is ignored, as in QEMU.
	given := map[qapi.MigrationChannelType]*qapi.MigrationChannel{}
	for i := range list {
		kind := list[i].ChannelType
		if given[kind] != nil {
			return channels.Address{}, qapi.Errorf("Channel list has more than one %s entry", kind)
		}
		given[kind] = &list[i]
	}
	main := given[qapi.MigrationChannelTypeMain]
	if main == nil {
		return channels.Address{}, qapi.Errorf("Channel list has no main entry")
	}
	return channelAddress(&main.Addr)
}

// Incoming makes an address of migrate-incoming's arguments.
func Incoming(uri *string, list []qapi.MigrationChannel) (channels.Address, error) {
	switch {
	case (uri != nil) == (len(list) > 0):
		return channels.Address{}, errOneAddress()
	case uri != nil:
		return channels.ParseURI(*uri)
	case len(list) > 1:
		return channels.Address{}, qapi.Errorf("Channel list must have only one entry, for type 'main'")
	}
	return channelAddress(&list[0].Addr)
}

func errOneAddress() error { return qapi.Errorf("need either 'uri' or 'channels' argument") }

func errTransport(t qapi.MigrationAddressType) error {
	return qapi.Errorf("transport '%s' is not supported yet by this build", t)
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
	case qapi.MigrationAddressTypeRDMA:
		return channels.Address{Transport: channels.TransportRDMA, Inet: fromInetAddress(a.RDMA)}, nil
	}
	return channels.Address{}, errTransport(a.Transport)
}

func fromSocketAddress(s *qapi.SocketAddress) (channels.Address, error) {
	a := channels.Address{Transport: channels.TransportSocket}
	switch s.Type {
	case qapi.SocketAddressTypeInet:
		a.Type = channels.SocketInet
		a.Inet = fromInetAddress(s.Inet)
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

func fromInetAddress(in *qapi.InetSocketAddress) channels.InetAddress {
	a := channels.InetAddress{Host: in.Host, Port: in.Port, IPv4: channels.FlagOf(in.IPv4),
		IPv6: channels.FlagOf(in.IPv6), KeepAlive: channels.FlagOf(in.KeepAlive)}
	if in.To != nil {
		a.HasTo, a.To = true, *in.To
	}
	return a
}
