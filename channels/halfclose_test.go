package channels_test

import (
	"io"
	"os"
	"testing"
	"time"

	"qmpmigrate/channels"
)

// A peer sees the end of what it gets, and can still answer.
func TestCloseWrite(t *testing.T) {
	for _, uri := range []string{"tcp:127.0.0.1:0", "unix:DIR/s"} {
		l, err := channels.Listen(t.Context(), address(t, uri, shortDir(t)))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		a, err := channels.Dial(t.Context(), l.Addr())
		if err != nil {
			t.Fatal(err)
		}
		b, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Write([]byte("x")); err != nil || channels.HungUp(b) || channels.HungUp(a) {
			t.Fatalf("%s: %v", uri, err)
		}
		if err := channels.CloseWrite(a); err != nil {
			t.Fatal(err)
		}
		if data, err := io.ReadAll(b); string(data) != "x" || err != nil {
			t.Errorf("%s: got %q, %v", uri, data, err)
		}
		if !channels.HungUp(b) || channels.HungUp(a) {
			t.Errorf("%s: who hung up?", uri)
		}
		if _, err := a.Write([]byte("y")); err == nil {
			t.Errorf("%s: a write went out", uri)
		}
		if _, err := b.Write([]byte("z")); err != nil {
			t.Error(err)
		}
		if n, err := a.Read(make([]byte, 9)); n != 1 || err != nil {
			t.Errorf("%s: read %d, %v", uri, n, err)
		}
		b.Close()
		for began := time.Now(); !channels.HungUp(a); {
			if time.Since(began) > time.Minute {
				t.Fatalf("%s: the peer has closed", uri)
			}
		}
		a.Close()
	}
}

// What has one way only is shut down, and never known to have hung up.
func TestCloseWriteOfAFile(t *testing.T) {
	name := t.TempDir() + "/f"
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := channels.Dial(t.Context(), address(t, "file:"+name, ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := channels.CloseWrite(c); err != nil || channels.HungUp(c) {
		t.Error(err)
	}
	if _, err := c.Write([]byte("x")); err == nil {
		t.Error("a write went out")
	}
	c.Close()
}
