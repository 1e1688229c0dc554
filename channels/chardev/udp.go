package chardev

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"syscall"

	"qmpmigrate/channels"
)

// maxDatagram is the most that one datagram holds.
const maxDatagram = 64 << 10

// udp is the source of a device whose peer gets and sends datagrams; it is there even if nobody is.
type udp struct {
	conf *Config
	conn *net.UDPConn
}

func (u *udp) open(ctx context.Context) (*client, error) {
	remote := u.conf.Address.Inet
	if remote.Host == "" {
		remote.Host = "localhost"
	}
	targets, err := channels.Resolve(ctx, remote, false)
	if err != nil {
		return nil, err
	}
	var local *net.UDPAddr
	if from := u.conf.Local; from.Host != "" || from.Port != "" {
		own, err := channels.Resolve(ctx, from, true)
		if err != nil {
			return nil, err
		}
		local = net.UDPAddrFromAddrPort(own[0])
	}
	u.conn, err = net.DialUDP("udp", local, net.UDPAddrFromAddrPort(targets[0]))
	if err != nil {
		return nil, failed(err, "Failed to bind socket")
	}
	return &client{conn: &datagrams{u.conn, bufio.NewReaderSize(u.conn, maxDatagram)}, name: u.name()}, nil
}

func (u *udp) next(context.Context) (*client, error) { return nil, io.EOF }
func (u *udp) name() string                          { return string(UDP) }
func (u *udp) close()                                {}

// datagrams is a stream of what datagrams bring. That nobody is there is no error.
type datagrams struct {
	*net.UDPConn
	in *bufio.Reader
}

func (d *datagrams) Read(p []byte) (int, error) {
	for {
		n, err := d.in.Read(p)
		if n > 0 || err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
			return n, err
		}
	}
}

func (d *datagrams) Write(p []byte) (int, error) {
	n, err := d.UDPConn.Write(p)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return len(p), nil
	}
	return n, err
}
