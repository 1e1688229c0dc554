package chardev

import (
	"fmt"
	"net"
	"testing"
	"time"

	"qmpmigrate/channels"
)

func TestUDP(t *testing.T) {
	remote, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer remote.Close()
	_ = remote.SetDeadline(time.Now().Add(patience))
	conf := Config{Label: "c", Backend: UDP, Local: channels.InetAddress{Host: "127.0.0.1", Port: "0"}}
	conf.Address.Inet = channels.InetAddress{Host: "127.0.0.1", Port: fmt.Sprint(remote.LocalAddr().(*net.UDPAddr).Port)}
	d := started(t, conf, Env{})
	buf := make([]byte, 100)
	n, from, err := remote.ReadFromUDP(buf)
	if err != nil || string(buf[:n]) != "hello\n" {
		t.Fatalf("%q, %v", buf[:n], err)
	}
	if _, err := remote.WriteToUDP([]byte("x"), from); err != nil {
		t.Fatal(err)
	}
	if n, _, err = remote.ReadFromUDP(buf); err != nil || string(buf[:n]) != "x" {
		t.Errorf("%q, %v", buf[:n], err)
	}
	if got := filenameOf(d); got != "udp" {
		t.Errorf("it is %q", got)
	}
}

// That nobody listens is no error; a peer may come later.
func TestUDPToNobody(t *testing.T) {
	free, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	conf := Config{Label: "c", Backend: UDP}
	conf.Address.Inet = channels.InetAddress{Host: "127.0.0.1", Port: fmt.Sprint(free.LocalAddr().(*net.UDPAddr).Port)}
	free.Close()
	d := opened(t, conf, Env{})
	w, err := d.Writer()
	if err != nil {
		t.Fatal(err)
	}
	d.Start()
	for range 3 {
		if _, err := w.Write([]byte("x")); err != nil {
			t.Error(err)
		}
	}
	if n, err := d.current.conn.Write([]byte("x")); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}
