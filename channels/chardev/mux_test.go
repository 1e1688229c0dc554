package chardev

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
)

// shell is a front end that says who it is and repeats what it is told.
func shell(name string, held bool) Frontend {
	return Frontend{Held: held, Serve: func(_ context.Context, conn io.ReadWriteCloser) {
		_, _ = io.WriteString(conn, name+"> ")
		buf := make([]byte, 1)
		for {
			if _, err := conn.Read(buf); err != nil {
				return
			}
			if buf[0] == '\n' {
				_, _ = io.WriteString(conn, "\r\n"+name+"> ")
			} else {
				_, _ = conn.Write(buf)
			}
		}
	}}
}

func muxConfig(path string) Config {
	conf := unixConfig(path)
	conf.Mux = true
	return conf
}

func TestMux(t *testing.T) {
	path := socketPath(t)
	quit := make(chan struct{}, 1)
	var label string
	d := opened(t, muxConfig(path), Env{Quit: func() { quit <- struct{}{} }, Yank: func(l string, _ func()) (func(), error) {
		label = l
		return func() {}, nil
	}})
	for _, f := range []Frontend{shell("a", true), shell("b", true), {Serve: echo}} {
		if err := d.Attach(f); err != nil {
			t.Fatal(err)
		}
	}
	d.Start()
	want := fmt.Sprint([]Info{{"c-base", "disconnected:unix:" + path + ",server=on", true}, {"c", "mux", true}})
	if got := fmt.Sprint(d.Info()); got != want || label != "c-base" {
		t.Errorf("%s, entered as %q", got, label)
	}
	p := dial(t, "unix", path)
	p.expect("hello\n") // of the last one, which has the input
	p.send("x\x01\x01y")
	p.expect("x\x01y")
	p.send("\x01c")
	p.expect("a> ")
	p.send("1\n2")
	p.expect("1\r\na> 2")
	p.send("\x01q\x01c") // C-a q is nothing
	p.expect("\r\nb> ")
	p.send("3")
	p.expect("3")
	p.send("\x01c\x01c")
	p.expect("\r\na> 2") // the line that was begun is shown again
	p.send("\x01c")
	p.expect("\r\nb> 3")
	p.send("\x01h")
	p.expect(muxHelp)
	p.send("\x01t\n")
	p.expect("\r\n[00:00:00.000] b> ")
	p.send("\x01t\n")
	p.expect("\r\nb> ")
	p.send("\x01x")
	p.expect("QEMU: Terminated\n\r")
	<-quit
	p.conn.Close()
	// The next client finds the focus where it was.
	p = dial(t, "unix", path)
	first := make([]byte, len("hello\nb> "))
	if _, err := io.ReadFull(p.lines, first); err != nil || !strings.Contains(string(first), "b> ") {
		t.Errorf("%q, %v", first, err)
	}
	p.send("z")
	p.expect("z")
}

func TestMuxIsFull(t *testing.T) {
	conf := muxConfig(socketPath(t))
	d := opened(t, conf, Env{})
	for range MaxFrontends {
		if err := d.Attach(shell("a", true)); err != nil {
			t.Error(err)
		}
	}
	const want = "too many uses of multiplexed chardev 'c' (maximum is 4)"
	if err := d.Attach(shell("a", true)); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestMuxOfOne(t *testing.T) {
	path := socketPath(t)
	d := opened(t, muxConfig(path), Env{})
	if err := d.Attach(shell("a", true)); err != nil {
		t.Fatal(err)
	}
	d.Start()
	for range 2 {
		p := dial(t, "unix", path)
		p.expect("a> ")
		p.send("1\x01c2")
		p.expect("12")
		p.conn.Close()
	}
}

// What waits for the focus is bounded.
func TestMuxHoldsTheLastOutput(t *testing.T) {
	path := socketPath(t)
	d := opened(t, muxConfig(path), Env{})
	said := make(chan struct{})
	loud := Frontend{Held: true, Serve: func(_ context.Context, conn io.ReadWriteCloser) {
		for i := range 2 * portHeld / 8 {
			_, _ = fmt.Fprintf(conn, "%07d\n", i)
		}
		close(said)
		_, _ = io.Copy(io.Discard, conn)
	}}
	for _, f := range []Frontend{loud, shell("b", true)} {
		if err := d.Attach(f); err != nil {
			t.Fatal(err)
		}
	}
	d.Start()
	p := dial(t, "unix", path)
	p.expect("b> ")
	<-said
	p.send("\x01c")
	var want strings.Builder
	want.WriteString("\r\n")
	for i := portHeld / 8; i < 2*portHeld/8; i++ {
		fmt.Fprintf(&want, "%07d\n", i)
	}
	p.expect(want.String())
}

func TestMuxWithASerialPort(t *testing.T) {
	path := socketPath(t)
	d := opened(t, muxConfig(path), Env{})
	if err := d.Attach(shell("a", true)); err != nil {
		t.Fatal(err)
	}
	w, err := d.Writer()
	if err != nil {
		t.Fatal(err)
	}
	d.Start()
	p := dial(t, "unix", path)
	p.send("nobody takes this\x01c")
	p.expect("a> ")
	_, _ = io.WriteString(w, "[boot]") // without the focus, too
	p.expect("[boot]")
	p.send("1")
	p.expect("1")
}

// Who serves a client can speak to it through the serial port at once.
func TestMuxOutletIsThereFromTheStart(t *testing.T) {
	path := socketPath(t)
	d := opened(t, muxConfig(path), Env{})
	w, err := d.Writer()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Attach(Frontend{Serve: func(_ context.Context, conn io.ReadWriteCloser) {
		_, _ = io.WriteString(w, "[boot]")
		_, _ = io.Copy(io.Discard, conn)
	}}); err != nil {
		t.Fatal(err)
	}
	d.Start()
	for range 10 {
		p := dial(t, "unix", path)
		p.expect("[boot]")
		p.conn.Close()
	}
}

func FuzzMuxKeys(f *testing.F) {
	f.Add([]byte("plain\x01c\x01\x01h"))
	f.Fuzz(func(t *testing.T, typed []byte) {
		var k muxKeys
		var got, want []byte
		for i := 0; i < len(typed); i++ {
			if typed[i] != muxEscape {
				want = append(want, typed[i])
			} else if i++; i < len(typed) && typed[i] == muxEscape {
				want = append(want, muxEscape)
			}
		}
		for _, b := range typed {
			if action, b := k.press(b); action == keyData {
				got = append(got, b)
			}
		}
		if string(got) != string(want) {
			t.Fatalf("%q is %q, want %q", typed, got, want)
		}
	})
}
