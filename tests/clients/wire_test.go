package clients

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/tests/emulator"
)

// wire is a raw connection to a QMP monitor.
type wire struct {
	t     testing.TB
	conn  *net.UnixConn
	lines *bufio.Reader
}

// launchBoth starts a real QEMU and the server, each with one more monitor, and returns the paths of these.
func launchBoth(t *testing.T, args ...string) (theirs, ours string) {
	t.Helper()
	paths := [2]string{}
	for i, p := range []struct {
		program emulator.Program
		machine []string
	}{
		{emulator.NeedQEMU(t, "10.0"), []string{"-accel", "tcg", "-machine", "pc-i440fx-10.0", "-m", "16", "-nodefaults", "-S"}},
		{emulator.NeedServer(t), []string{"-machine", "memtest", "-m", "16", "-nodefaults", "-S"}},
	} {
		paths[i] = filepath.Join(t.TempDir(), "qmp")
		all := slices.Concat(p.machine, []string{"-qmp", "unix:" + paths[i] + ",server=on,wait=off"}, args)
		emulator.Launch(t, p.program, "server", all...)
	}
	return paths[0], paths[1]
}

// plug connects; the greeting has been read.
func plug(t testing.TB, path string) *wire {
	t.Helper()
	conn, err := net.Dial("unix", path)
	emulator.Must(t, err)
	emulator.Must(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	w := &wire{t, conn.(*net.UnixConn), bufio.NewReader(conn)}
	if greeting := w.line(); greeting["QMP"] == nil {
		t.Fatalf("greeting is %v", greeting)
	}
	return w
}

func (w *wire) line() map[string]any {
	w.t.Helper()
	text, err := w.lines.ReadBytes('\n')
	emulator.Must(w.t, err)
	var object map[string]any
	numbers := json.NewDecoder(bytes.NewReader(text))
	numbers.UseNumber()
	if err := numbers.Decode(&object); err != nil {
		w.t.Fatalf("%q: %v", text, err)
	}
	if !bytes.HasSuffix(text, []byte("}\r\n")) {
		w.t.Errorf("%q does not end as messages do", text)
	}
	return object
}

// send sends text, with descriptors if there are any.
func (w *wire) send(text string, files ...*os.File) {
	w.t.Helper()
	var rights []byte
	if len(files) > 0 {
		var fds []int
		for _, f := range files {
			fds = append(fds, int(f.Fd()))
		}
		rights = unix.UnixRights(fds...)
	}
	for len(text) > 0 { // a stream socket may take a part only
		n, _, err := w.conn.WriteMsgUnix([]byte(text), rights, nil)
		emulator.Must(w.t, err)
		text, rights = text[n:], nil
	}
}

const (
	negotiate = `{"execute": "qmp_capabilities"}` + "\n"
	// last is answered last, whatever the bytes before it have made of the reader.
	last = "\xff" + `{"execute": "x-last", "id": "last"}`
)

// replies reads up to the answer to last. What differs by its nature is masked.
func (w *wire) replies() []string {
	w.t.Helper()
	var out []string
	for {
		object := w.line()
		end := object["id"] == "last"
		mask(object)
		text, err := json.Marshal(object)
		emulator.Must(w.t, err)
		out = append(out, string(text))
		if end {
			return out
		}
	}
}

func mask(object map[string]any) {
	if object["timestamp"] != nil {
		object["timestamp"] = "masked"
	}
	if version, ok := object["return"].(map[string]any); ok {
		if version["qemu"] != nil {
			object["return"] = "version"
		}
		if version["fdset-id"] != nil {
			delete(version, "fd")
		}
	}
	if sets, ok := object["return"].([]any); ok {
		for _, set := range sets {
			if set, ok := set.(map[string]any); ok && set["fds"] != nil {
				for _, fd := range set["fds"].([]any) {
					delete(fd.(map[string]any), "fd")
				}
			}
		}
	}
}

// sameAnswers sends the same to both and compares what comes back.
func sameAnswers(t *testing.T, theirs, ours, text string, files ...*os.File) {
	t.Helper()
	var answers [2][]string
	for i, path := range []string{theirs, ours} {
		w := plug(t, path)
		w.send(text, files...)
		w.send(last)
		answers[i] = w.replies()
		w.conn.Close()
	}
	if a, b := strings.Join(answers[0], "\n  "), strings.Join(answers[1], "\n  "); a != b {
		t.Errorf("to %.300q\nQEMU says\n  %s\nours says\n  %s", text, a, b)
	}
}
