package channels

import (
	"errors"
	"fmt"
	"strings"
)

// shell runs the commands of exec: URIs.
const shell = "/bin/sh"

// ParseURI reads a migration URI. The errors are QEMU 10.0's, word for word. Nothing is opened or resolved here.
func ParseURI(uri string) (Address, error) {
	scheme, rest, found := strings.Cut(uri, ":")
	if found {
		switch scheme {
		case "tcp":
			return parseInet(rest)
		case "rdma":
			a, err := parseInet(rest)
			if err != nil {
				return a, err
			}
			a.Transport, a.Type = TransportRDMA, ""
			return a, nil
		case "unix":
			return parseUnix(rest)
		case "vsock":
			return parseVsock(rest)
		case "fd":
			return parseFD(rest)
		case "exec":
			args := []string{shell, "-c", rest}
			return Address{Transport: TransportExec, Exec: ExecAddress{Args: args}}, nil
		case "file":
			return parseFile(rest)
		}
	}
	return Address{}, fmt.Errorf("unknown migration protocol: %s", uri)
}

func parseUnix(path string) (Address, error) {
	if path == "" {
		return Address{}, errors.New("invalid Unix socket address")
	}
	return Address{Transport: TransportSocket, Type: SocketUnix, Unix: UnixAddress{Path: path}}, nil
}

func parseFD(name string) (Address, error) {
	if name == "" {
		return Address{}, errors.New("invalid file descriptor address")
	}
	return Address{Transport: TransportSocket, Type: SocketFD, FD: FDAddress{Name: name}}, nil
}

func parseVsock(text string) (Address, error) {
	cid, rest, found := strings.Cut(text, ":")
	port, _, trails := strings.Cut(rest, ",")
	switch {
	case !found, cid == "", port == "", len(cid) > maxVsockPart, len(port) > maxVsockPart:
		return Address{}, fmt.Errorf("error parsing address '%s'", text)
	case trails:
		return Address{}, fmt.Errorf("trailing characters in address '%s'", text)
	}
	return Address{Transport: TransportSocket, Type: SocketVsock, Vsock: VsockAddress{CID: cid, Port: port}}, nil
}
