package qmp

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// FuzzSession sends anything to a server. Whatever it is, each line that comes back is an object, a clean request
// is answered after it, and everything ends.
func FuzzSession(f *testing.F) {
	files, err := filepath.Glob("testdata/*.qmp")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var sent strings.Builder
		for line := range strings.Lines(string(script)) {
			if _, request, ok := strings.Cut(line, "-> "); ok {
				sent.WriteString(request)
			}
		}
		f.Add([]byte(sent.String()))
	}
	f.Add([]byte(negotiateOOB + strings.Repeat(`{"execute": 1}{"exec-oob": "migrate-recover"}`, 20)))
	f.Fuzz(func(t *testing.T, data []byte) {
		synctest.Test(t, func(t *testing.T) { converse(t, data) })
	})
}

func converse(t *testing.T, data []byte) {
	m := newTestServer(t)
	for _, name := range []string{"quit", "x-hold"} { // which would end everything, or end only when told to
		m.server.Register(qapi.Command{Name: name, AllowOOB: true,
			Call: func(context.Context, *qobject.Dict) (qapi.Result, error) { return nil, nil }})
	}
	near, far := net.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- m.server.NewMonitor(MonitorConfig{}).ServeConn(t.Context(), near) }()
	go func() {
		far.Write(data)
		io.WriteString(far, "\xff{\"execute\": \"x-final\", \"id\": \"the last\"}")
	}()
	last := false
	for lines := bufio.NewReader(far); !last; {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("no answer to the last request: %v", err)
		}
		v, err := qobject.Parse(line)
		object, ok := v.(*qobject.Dict)
		if err != nil || !ok {
			t.Fatalf("the server says %q: %v", line, err)
		}
		id, _ := object.Get("id")
		last = id == "the last"
	}
	far.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
