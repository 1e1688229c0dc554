package channelstest

import (
	"context"
	"testing"

	"qmpmigrate/channels"
)

// TCP is a connection over the loopback, which ends with the test.
func TCP(t testing.TB) (out, in channels.Conn) {
	t.Helper()
	out, in = Sockets(t, "tcp:127.0.0.1:0")
	t.Cleanup(func() { out.Close(); in.Close() })
	return out, in
}

// Sockets are the two ends of a connection by way of uri.
func Sockets(t testing.TB, uri string) (out, in channels.Conn) {
	t.Helper()
	a, err := channels.ParseURI(uri)
	if err != nil {
		t.Fatal(err)
	}
	l, err := channels.Listen(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if out, err = channels.Dial(context.Background(), l.Addr()); err != nil {
		t.Fatal(err)
	}
	if in, err = l.Accept(context.Background()); err != nil {
		t.Fatal(err)
	}
	return out, in
}
