package chardev

import (
	"context"
	"io"
	"testing"
)

func TestRing(t *testing.T) {
	d := started(t, Config{Label: "c", Backend: RingBuf, Size: 8}, Env{})
	r := d.Ring("c")
	eventually(t, "the greeting", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.count == 6
	})
	for _, step := range []struct {
		write string
		take  int64
		want  string
	}{
		{"", 3, "hel"},
		{"abc", 100, "lo\nabc"},
		{"0123456789", 100, "23456789"},
		{"ab", 0, ""},
		{"01234567", 100, "01234567"},
		{"abcde", 1, "a"},
		{"fghij", 8, "cdefghij"},
	} {
		_, _ = io.WriteString(r, step.write)
		if got := string(r.Take(step.take)); got != step.want {
			t.Errorf("after %q: %q, want %q", step.write, got, step.want)
		}
	}
	if d.Ring("other") != nil || opened(t, Config{Label: "n", Backend: Null}, Env{}).Ring("n") != nil {
		t.Error("not a ring buffer")
	}
	if got := opened(t, Config{Backend: Memory}, Env{}); filenameOf(got) != "memory" || len(got.Ring("").bytes) != defaultRing {
		t.Errorf("%+v", got.Info())
	}
}

func TestNullTakesEverything(t *testing.T) {
	d := opened(t, Config{Label: "c", Backend: Null}, Env{})
	said := make(chan error, 1)
	if err := d.Attach(Frontend{Serve: func(ctx context.Context, conn io.ReadWriteCloser) {
		_, err := io.WriteString(conn, "x")
		said <- err
		_, err = conn.Read(make([]byte, 1)) // until the end
		said <- err
	}}); err != nil {
		t.Fatal(err)
	}
	d.Start()
	if err := <-said; err != nil {
		t.Error(err)
	}
	d.Close()
	if err := <-said; err != io.EOF {
		t.Errorf("the end is %v", err)
	}
}
