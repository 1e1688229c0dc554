package chardev

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestFile(t *testing.T) {
	dir := t.TempDir()
	out, in := filepath.Join(dir, "out"), filepath.Join(dir, "in")
	if err := os.WriteFile(out, []byte("old "), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in, []byte("typed"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		conf Config
		want string
	}{
		{Config{Path: out, Append: true}, "old hello\n"},
		{Config{Path: out}, "hello\n"},
		{Config{Path: out, Input: in}, "hello\ntyped"},
	} {
		step.conf.Backend, step.conf.Label = File, "c"
		d := started(t, step.conf, Env{})
		eventually(t, step.want, func() bool {
			got, err := os.ReadFile(out)
			return err == nil && string(got) == step.want
		})
		if i := d.Info()[0]; i != (Info{"c", "file", true}) {
			t.Errorf("%+v", i)
		}
		d.Close()
	}
}

func TestPipes(t *testing.T) {
	dir := t.TempDir()
	both := filepath.Join(dir, "p")
	for _, name := range []string{both + ".in", both + ".out"} {
		if err := unix.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d := started(t, Config{Label: "c", Backend: Pipe, Path: both}, Env{})
	out, err := os.OpenFile(both+".out", os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.OpenFile(both+".in", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := newPeer(t, struct {
		io.Reader
		io.WriteCloser
	}{out, in})
	defer out.Close()
	p.expect("hello\n")
	p.send("x")
	p.expect("x")
	if got := filenameOf(d); got != "pipe" {
		t.Errorf("it is %q", got)
	}
	d.Close()

	for _, name := range []string{both + ".in", both + ".out"} {
		os.Remove(name)
	}
	if err := unix.Mkfifo(both, 0o600); err != nil {
		t.Fatal(err)
	}
	opened(t, Config{Label: "c", Backend: Pipe, Path: both}, Env{})
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	none := filepath.Join(dir, "a", "b")
	reason := "': No such file or directory"
	for _, c := range []struct {
		conf Config
		want string
	}{
		{Config{Backend: File, Path: none}, "Could not open '" + none + reason},
		{Config{Backend: File, Path: dir}, "Could not open '" + dir + "': Is a directory"},
		{Config{Backend: File, Path: filepath.Join(dir, "f"), Input: none}, "Could not open '" + none + reason},
		{Config{Backend: Pipe, Path: none}, "Could not open '" + none + reason},
		{Config{Backend: Serial, Path: none}, "Could not open '" + none + reason},
		{Config{Backend: Null, LogFile: none}, "Could not create '" + none + reason},
		{Config{Backend: RingBuf, Size: 3}, "size of ringbuf chardev must be power of two"},
		{Config{Backend: "hub"}, "character device backend 'hub' is not supported yet by this build"},
		{unixConfig(none), "Failed to bind socket to " + none + reason[1:]},
		{unixConfig(dir), "Failed to unlink socket " + dir + ": Is a directory"},
		{tcpConfig("x y"), "address resolution failed for 127.0.0.1:x y: Servname not supported for ai_socktype"},
	} {
		d, err := Open(t.Context(), c.conf, Env{})
		if err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
		if d != nil {
			d.Close()
		}
	}
}

func TestLogFile(t *testing.T) {
	path, log := socketPath(t), filepath.Join(t.TempDir(), "log")
	conf := unixConfig(path)
	conf.LogFile = log
	for _, want := range []string{"hello\nx", "hello\nxhello\nx"} {
		d := started(t, conf, Env{})
		client := dial(t, "unix", path)
		client.send("x")
		client.expect("hello\nx")
		d.Close()
		if got, err := os.ReadFile(log); err != nil || string(got) != want {
			t.Errorf("the log is %q, %v, want %q", got, err, want)
		}
		conf.LogAppend = true
	}
}
