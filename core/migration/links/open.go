package links

import (
	"context"
	"os"

	"qmpmigrate/channels"
)

// Files is where a command's addresses find files that somebody else opened.
type Files struct {
	// Named are those that the command's monitor keeps by name. nil, on a
	// command line, leaves numbers of inherited descriptors.
	Named interface {
		TakeFD(name string) (*os.File, error)
	}
	// Sets are where /dev/fdset/N is looked up. nil: there are none.
	Sets channels.FDSets
}

// Open opens what is no peer.
func (m *Maker) Open(addr channels.Address, files Files) (channels.Conn, error) {
	addr.File.Sets = files.Sets
	if addr.Transport == channels.TransportSocket && files.Named != nil {
		file, err := files.Named.TakeFD(addr.FD.Name)
		if err != nil {
			return nil, err
		}
		addr.FD.File = file
	}
	if text := addr.Warning(); text != "" {
		m.host.Report("warning: " + text)
	}
	m.points.out.opens(addr)
	return m.Dial(context.Background(), addr)
}

// Listen opens where a source can come to. It gives the address as it was opened.
func (m *Maker) Listen(ctx context.Context, addr channels.Address, files Files) (channels.Address, channels.Listener, error) {
	addr.File.Sets = files.Sets
	// A number is a descriptor that the process was started with.
	if addr.Transport == channels.TransportSocket && addr.Type == channels.SocketFD {
		if name := addr.FD.Name; files.Named != nil && (name == "" || name[0] < '0' || name[0] > '9') {
			file, err := files.Named.TakeFD(name)
			if err != nil {
				return addr, nil, err
			}
			addr.FD.File = file
		}
	}
	if text := addr.Warning(); text != "" {
		m.host.Report("warning: " + text)
	}
	m.points.in.opens(addr)
	var l channels.Listener
	var err error
	if addr.Transport == channels.TransportRDMA {
		l, err = m.listenRDMA(ctx, addr)
	} else {
		l, err = channels.Listen(ctx, addr)
	}
	if err != nil {
		return addr, nil, err
	}
	return addr, m.door(l), nil
}
