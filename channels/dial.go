package channels

import (
	"context"
	"fmt"
)

// Dial opens the outgoing end of a channel, the one that a migration is written to. ctx ends a connect that takes long;
// it has no influence on the Conn.
func Dial(ctx context.Context, a Address) (Conn, error) {
	switch {
	case a.Transport == TransportExec:
		return startSink(a.Exec, usualPatience())
	case a.Transport == TransportFile:
		return createFile(a.File)
	case a.Transport != TransportSocket:
	case a.Type == SocketInet:
		return dialTCP(ctx, systemNames(), a.Inet)
	case a.Type == SocketUnix:
		return dialUnix(ctx, a.Unix)
	case a.Type == SocketVsock:
		return dialVsock(ctx, a.Vsock)
	case a.Type == SocketFD:
		return openFD(a.FD)
	}
	return nil, unknownKind(a)
}

// Listen opens the incoming end of a channel, the one that a migration is read from. Sockets listen when it returns;
// commands have been started, files opened. ctx ends the resolution of a name; it has no influence on the Listener.
func Listen(ctx context.Context, a Address) (Listener, error) {
	switch {
	case a.Transport == TransportExec:
		return listenOnce(a)(startSource(a.Exec, usualPatience()))
	case a.Transport == TransportFile:
		return listenOnce(a)(openFile(a.File))
	case a.Transport != TransportSocket:
	case a.Type == SocketInet:
		return listenTCP(ctx, systemNames(), a.Inet)
	case a.Type == SocketUnix:
		return listenUnix(ctx, a.Unix)
	case a.Type == SocketVsock:
		return listenVsock(a.Vsock)
	case a.Type == SocketFD:
		return listenOnce(a)(openFD(a.FD))
	}
	return nil, unknownKind(a)
}

func unknownKind(a Address) error {
	return fmt.Errorf("unknown address: transport '%s', type '%s'", a.Transport, a.Type)
}
