package tls_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"qmpmigrate/channels"
	"qmpmigrate/channels/tls"
	"qmpmigrate/channels/tls/tlstest"
)

// Both ends write and read at the same time, in pieces that make each direction wait for the other's buffers.
func TestBothDirectionsAtOnce(t *testing.T) {
	client, server := certificates(t)
	psk := keys(t)
	for name, open := range map[string]func(testing.TB) (channels.Conn, func() channels.Conn){
		"x509":      over("tcp:127.0.0.1:0", client, server),
		"key":       over("tcp:127.0.0.1:0", psk[0], psk[1]),
		"anonymous": over("tcp:127.0.0.1:0", &tls.Anon{}, &tls.Anon{}),
	} {
		t.Run(name, func(t *testing.T) {
			a, later := open(t)
			b := later()
			data := make([]byte, 8<<20)
			rand.NewChaCha8([32]byte{1}).Read(data)
			var all sync.WaitGroup
			for i, c := range []channels.Conn{a, b} {
				all.Go(func() {
					r := rand.New(rand.NewPCG(uint64(i), 1))
					for left := data; len(left) > 0; {
						n := min(1+r.IntN(100<<r.IntN(12)), len(left))
						if _, err := c.Write(left[:n]); err != nil {
							t.Error(err)
							return
						}
						left = left[n:]
					}
					if err := tls.Of(c).Bye(); err != nil {
						t.Error(err)
					}
				})
				all.Go(func() {
					got, err := io.ReadAll(struct{ io.Reader }{c})
					if err != nil || !bytes.Equal(got, data) {
						t.Errorf("%d bytes came, %v", len(got), err)
					}
					if tls.Of(c).Cut() {
						t.Error("the end was not told")
					}
				})
			}
			all.Wait()
			a.Close()
			b.Close()
		})
	}
}

// An end without a word is told from one with it.
func TestCut(t *testing.T) {
	client, server := certificates(t)
	psk := keys(t)
	for name, open := range map[string]func(testing.TB) (channels.Conn, func() channels.Conn){
		"x509": over("tcp:127.0.0.1:0", client, server),
		"key":  over("tcp:127.0.0.1:0", psk[0], psk[1]),
	} {
		t.Run(name, func(t *testing.T) {
			a, later := open(t)
			b := later()
			a.Write([]byte("data"))
			a.Close()
			p := make([]byte, 100)
			if n, err := b.Read(p); string(p[:n]) != "data" || err != nil {
				t.Errorf("%q, %v", p[:n], err)
			}
			if n, err := b.Read(p); n != 0 || !errors.Is(err, io.EOF) || !tls.Of(b).Cut() {
				t.Errorf("%d, %v, cut %v", n, err, tls.Of(b).Cut())
			}
			if !channels.HungUp(b) {
				t.Error("nobody hung up")
			}
			b.Close()
		})
	}
}

// keys are a client and a server that know one key.
func keys(t testing.TB) [2]tls.Credentials {
	dir := tlstest.Keys(t, "qemu:009d5638c40fde0c009d5638c40fde0c\n")
	key := []byte("\x00\x9d\x56\x38\xc4\x0f\xde\x0c\x00\x9d\x56\x38\xc4\x0f\xde\x0c")
	return [2]tls.Credentials{&tls.PSK{Username: "qemu", Key: key}, &tls.PSK{File: dir + "/keys.psk"}}
}
