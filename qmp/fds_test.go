package qmp

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// pipes makes n pipes into which their numbers are written, and returns the descriptors of their reading ends.
func pipes(t *testing.T, n int) (readers []*os.File, fds []int) {
	for i := range n {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, i)
		w.Close()
		t.Cleanup(func() { r.Close() })
		readers, fds = append(readers, r), append(fds, int(r.Fd()))
	}
	return readers, fds
}

// fdServer has a command x-use that takes a descriptor and answers with what can be read from it.
func fdServer(t *testing.T) *peer {
	m := newTestServer(t)
	m.server.Register(qapi.Command{Name: "x-use", Call: func(ctx context.Context, args *qobject.Dict) (qapi.Result, error) {
		name, _ := args.Get("name")
		file, err := qapi.MonitorFrom(ctx).TakeFD(name.(string))
		if err != nil {
			return nil, err
		}
		defer file.Close()
		content, err := io.ReadAll(file)
		return text(qobject.AppendString(nil, string(content))), err
	}})
	l := serve(t, m.server.NewMonitor(MonitorConfig{}), "unix", filepath.Join(t.TempDir(), "qmp"))
	p := dial(t, l)
	p.negotiate()
	return p
}

const noDescriptor = `{"error": {"class": "GenericError", "desc": "No file descriptor supplied via SCM_RIGHTS"}}`

func genericError(format string, args ...any) string {
	return fmt.Sprintf(`{"error": {"class": "GenericError", "desc": "`+format+`"}}`, args...)
}

func TestNamedDescriptorIsUsedOnce(t *testing.T) {
	p := fdServer(t)
	_, fds := pipes(t, 1)
	p.send(`{"execute": "getfd", "arguments": {"fdname": "fd-mig"}}`, fds[0])
	p.expect(`{"return": {}}`)
	p.ask(`{"execute": "x-use", "arguments": {"name": "fd-mig"}}`, `{"return": "0"}`)
	p.ask(`{"execute": "x-use", "arguments": {"name": "fd-mig"}}`,
		genericError("File descriptor named 'fd-mig' has not been found"))
	p.ask(`{"execute": "closefd", "arguments": {"fdname": "fd-mig"}}`,
		genericError("File descriptor named 'fd-mig' not found"))
	p.ask(`{"execute": "getfd", "arguments": {"fdname": "fd-mig"}}`, noDescriptor)
}

func TestOnlyTheFirstDescriptorOfTheLastMessageCounts(t *testing.T) {
	p := fdServer(t)
	_, fds := pipes(t, 4)
	p.send(` `, fds[0])
	p.send(` `, fds[1], fds[2], fds[3])
	p.send(`{"execute": "getfd", "arguments": {"fdname": "x"}}`)
	p.expect(`{"return": {}}`)
	p.ask(`{"execute": "getfd", "arguments": {"fdname": "y"}}`, noDescriptor)
	p.ask(`{"execute": "x-use", "arguments": {"name": "x"}}`, `{"return": "1"}`)
}

func TestGetfdReplaces(t *testing.T) {
	p := fdServer(t)
	_, fds := pipes(t, 2)
	for _, fd := range fds {
		p.send(`{"execute": "getfd", "arguments": {"fdname": "x"}}`, fd)
		p.expect(`{"return": {}}`)
	}
	p.ask(`{"execute": "x-use", "arguments": {"name": "x"}}`, `{"return": "1"}`)
}

func TestGetfdChecksItsName(t *testing.T) {
	p := fdServer(t)
	_, fds := pipes(t, 1)
	const wrongName = `{"error": {"class": "GenericError", "desc": "Parameter 'fdname' expects a name not starting with a digit"}}`
	p.ask(`{"execute": "getfd", "arguments": {"fdname": "1x"}}`, noDescriptor)
	p.send(`{"execute": "getfd", "arguments": {"fdname": "1x"}}`, fds[0])
	p.expect(wrongName)
	p.ask(`{"execute": "getfd", "arguments": {"fdname": "x"}}`, noDescriptor) // it was closed
	p.send(`{"execute": "getfd", "arguments": {"fdname": ""}}`, fds[0])
	p.expect(`{"return": {}}`)
	p.ask(`{"execute": "closefd", "arguments": {"fdname": ""}}`, `{"return": {}}`)
}

// TestDescriptorsAreClosed looks at pipes from their writing ends: these break when no reader is left.
func TestDescriptorsAreClosed(t *testing.T) {
	m := newTestServer(t)
	l := serve(t, m.server.NewMonitor(MonitorConfig{}), "unix", filepath.Join(t.TempDir(), "qmp"))
	p := dial(t, l)
	p.negotiate()
	var writers []*os.File
	for _, request := range []string{
		`{"execute": "getfd", "arguments": {"fdname": "closed"}}`,
		`{"execute": "getfd", "arguments": {"fdname": "replaced"}}`,
		`{"execute": "getfd", "arguments": {"fdname": "replaced"}}`,
		`{"execute": "getfd", "arguments": {"fdname": "kept"}}`,
		`{"execute": "query-status"}`,
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		writers = append(writers, w)
		p.send(request, int(r.Fd()))
		r.Close()
		if _, err := p.line(); err != nil {
			t.Fatal(err)
		}
	}
	p.ask(`{"execute": "closefd", "arguments": {"fdname": "closed"}}`, `{"return": {}}`)
	p.conn.Close()

	next := dial(t, l) // is served only after the first client's session has ended
	next.negotiate()
	for i, open := range []bool{false, false, true, true, false} {
		if _, err := writers[i].Write([]byte("x")); (err == nil) != open {
			t.Errorf("descriptor %d: %v", i, err)
		}
	}
	next.ask(`{"execute": "closefd", "arguments": {"fdname": "replaced"}}`, `{"return": {}}`)
	if err := m.server.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, w := range writers {
		if _, err := w.Write([]byte("x")); err == nil {
			t.Errorf("descriptor %d is still open", i)
		}
	}
}

func TestDescriptorCommandsWithoutMonitor(t *testing.T) {
	s := newTestServer(t).server
	if err := s.Getfd(t.Context(), &qapi.GetfdArgs{Fdname: "x"}); err == nil {
		t.Error("getfd: no error")
	}
	if err := s.Closefd(t.Context(), &qapi.ClosefdArgs{Fdname: "x"}); err == nil {
		t.Error("closefd: no error")
	}
}
