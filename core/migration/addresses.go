package migration

import (
	"strings"

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

// outgoingAddress makes an address of migrate's arguments.
func outgoingAddress(uri *string, list []qapi.MigrationChannel) (channels.Address, error) {
	if (uri != nil) == (len(list) > 0) {
		return channels.Address{}, errOneAddress()
	}
	if uri != nil {
		return parseAddress(*uri)
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

// incomingAddress makes an address of migrate-incoming's arguments.
func incomingAddress(uri *string, list []qapi.MigrationChannel) (channels.Address, error) {
	switch {
	case (uri != nil) == (len(list) > 0):
		return channels.Address{}, errOneAddress()
	case uri != nil:
		return parseAddress(*uri)
	case len(list) > 1:
		return channels.Address{}, qapi.Errorf("Channel list must have only one entry, for type 'main'")
	}
	return channelAddress(&list[0].Addr)
}

func errOneAddress() error { return qapi.Errorf("need either 'uri' or 'channels' argument") }

// parseAddress reads a URI. RDMA's is read, too, so that what is wrong in it is
// told before that there is none.
func parseAddress(uri string) (channels.Address, error) {
	inet, rdma := strings.CutPrefix(uri, "rdma:")
	if !rdma {
		return channels.ParseURI(uri)
	}
	if _, err := channels.ParseURI("tcp:" + inet); err != nil {
		return channels.Address{}, err
	}
	return channels.Address{}, errTransport(qapi.MigrationAddressTypeRDMA)
}

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
	}
	return channels.Address{}, errTransport(a.Transport)
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
