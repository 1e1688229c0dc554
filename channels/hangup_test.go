package channels_test

import (
	"testing"
	"time"

	"qmpmigrate/channels"
)

// A peer that hung up is noticed while what it sent before is still unread.
func TestGone(t *testing.T) {
	for _, uri := range []string{"tcp:127.0.0.1:0", "unix:DIR/s"} {
		t.Run(uri, func(t *testing.T) {
			out, in := byURI(uri, "")(t)
			there := in()
			defer there.Close()
			if _, err := out.Write([]byte("unread")); err != nil {
				t.Fatal(err)
			}
			if channels.Gone(there) {
				t.Error("the peer is there")
			}
			out.Close()
			for deadline := time.Now().Add(10 * time.Second); !channels.Gone(there); time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("the peer has hung up")
				}
			}
			there.Close()
			if channels.Gone(there) {
				t.Error("nobody knows of a closed channel")
			}
		})
	}
}

// Other channels have no peer that could hang up.
func TestNeverGone(t *testing.T) {
	out, in := openPipe(t)
	there := in()
	out.Close()
	if channels.Gone(there) {
		t.Error("a pipe is told to be gone")
	}
	there.Close()
}
