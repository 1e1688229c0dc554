package chardev

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// The words of a serial port reach whoever is there, and the log otherwise.
func TestWriter(t *testing.T) {
	path, log := socketPath(t), filepath.Join(t.TempDir(), "log")
	conf := unixConfig(path)
	conf.LogFile = log
	d := opened(t, conf, Env{})
	w, err := d.Writer()
	if err != nil {
		t.Fatal(err)
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = io.WriteString(w, "nobody")
	}()
	d.Start()
	<-written
	client := dial(t, "unix", path)
	eventually(t, "a client", func() bool {
		_, _ = io.WriteString(w, ".")
		return filenameOf(d) == "unix:"+path+",server=on"
	})
	client.send("ignored")
	for got := []byte{'.'}; got[0] == '.'; {
		_, _ = io.WriteString(w, "!")
		if _, err := client.lines.Read(got); err != nil {
			t.Fatal(err)
		}
	}
	d.Close()
	if n, err := w.Write([]byte("after the end")); n != 13 || err != nil {
		t.Errorf("wrote %d, %v", n, err)
	}
	if text, err := os.ReadFile(log); err != nil || string(text[:7]) != "nobody." {
		t.Errorf("the log is %q, %v", text, err)
	}
}

// What a serial port says before its file's device was started is not lost.
func TestWriterOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	d := opened(t, Config{Label: "c", Backend: File, Path: path}, Env{})
	w, err := d.Writer()
	if err != nil {
		t.Fatal(err)
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = io.WriteString(w, "early")
	}()
	d.Start()
	<-written
	if got, err := os.ReadFile(path); err != nil || string(got) != "early" {
		t.Errorf("%q, %v", got, err)
	}
}
