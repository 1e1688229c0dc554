package qmp

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// socketPair returns two connected unix sockets.
func socketPair(t testing.TB) (near, far net.Conn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	conn := func(fd int) net.Conn {
		file := os.NewFile(uintptr(fd), "")
		defer file.Close()
		c, err := net.FileConn(file)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	return conn(fds[0]), conn(fds[1])
}

// harmless takes the end out of commands that have one.
func harmless(m *machine) {
	for _, name := range []string{"quit", "x-hold"} {
		m.server.Register(qapi.Command{Name: name, AllowOOB: true,
			Call: func(context.Context, *qobject.Dict) (qapi.Result, error) { return nil, nil }})
	}
}

// mangler makes inputs: requests with ascending ids, some of which it harms. Harm never copies or moves an id, so
// that those ids which come back must do so in their order.
type mangler struct {
	*rand.Rand
	next int
}

func (g *mangler) pick(list ...string) string { return list[g.IntN(len(list))] }

// input returns one input.
func (g *mangler) input() string {
	var b strings.Builder
	for range g.IntN(5) {
		b.WriteString(g.request())
		b.WriteString(g.pick("", "\n", "\r\n", " ", "\t\n"))
	}
	text := []byte(b.String())
	for range g.IntN(4) {
		text = g.harm(text)
	}
	return string(text)
}

func (g *mangler) request() string {
	g.next++
	verb, id := "execute", fmt.Sprintf("r%d", g.next)
	command := g.pick("query-version", "query-name", "query-status", "nope", "stop", "cont", "x-fail", "x-hold", "qmp_capabilities",
		"getfd", "add-fd", "query-fdsets", "x-echo", "x-inactive", "query-commands", "quit", "migrate-recover")
	if g.IntN(8) == 0 {
		verb, id, command = "exec-oob", fmt.Sprintf("o%d", g.next), g.pick("migrate-recover", "query-status", "nope")
	}
	arguments := ""
	if g.IntN(2) == 0 {
		arguments = `, "arguments": ` + g.value(4)
	}
	return fmt.Sprintf(`{"%s": "%s"%s, "id": "%s"}`, verb, command, arguments, id)
}

// value returns any JSON.
func (g *mangler) value(depth int) string {
	if depth == 0 || g.IntN(3) == 0 {
		return g.pick("1", "-0", "1e5", "1.5", "18446744073709551615", "true", "null", `"x"`, "''", `"\u00e9\ud83d\ude00"`, "{}", "[]", `'"'`)
	}
	var parts []string
	object := g.IntN(2) == 0
	for i := range g.IntN(4) {
		part := g.value(depth - 1)
		if object {
			part = fmt.Sprintf(`"k%d": %s`, i, part)
		}
		parts = append(parts, part)
	}
	if object {
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func (g *mangler) harm(text []byte) []byte {
	if len(text) == 0 {
		text = []byte{' '}
	}
	at := g.IntN(len(text))
	tail := append([]byte(nil), text[at:]...)
	switch g.IntN(6) {
	case 0:
		text[at] ^= 1 << g.IntN(8)
		if c := text[at]; c >= '0' && c <= '9' { // might make one id another
			text[at] = '#'
		}
		return text
	case 1: // not the end, which would make an id shorter
		return append(text[:at], "\x00"...)
	case 2:
		return append(append(text[:at], byte(g.UintN(256))|0x80), tail...)
	case 3:
		return append(append(text[:at], g.pick("{", "}", "[", "]", ",", ":", `"`, "'", `\`, "\n", "\xff", "\x1b", "nul", "-", "@")...), tail...)
	case 4:
		return append(append(text[:at], strings.Repeat(g.pick("[", "{", `{"a":`, "'", "-"), g.IntN(1100))...), tail...)
	}
	return append(append(text[:at], " "+g.value(3)...), tail...)
}

// TestMangledInputs sends 10,000 inputs over 200 connections. Whatever they hold, every line that comes back is an
// object, ids come back in order, and an honest request is answered after each.
func TestMangledInputs(t *testing.T) {
	m := newTestServer(t)
	harmless(m)
	g := &mangler{Rand: rand.New(rand.NewPCG(1, 2))}
	for connection := range 200 {
		near, far := socketPair(t)
		ended := make(chan error, 1)
		go func() {
			ended <- m.server.NewMonitor(MonitorConfig{}).ServeConn(t.Context(), near)
		}()
		lines := bufio.NewReader(far)
		if connection%4 > 0 {
			fmt.Fprint(far, []string{`{"execute": "qmp_capabilities"}`, negotiateOOB}[connection%2])
		}
		for range 50 {
			mangled(t, g, far, lines)
		}
		if connection%3 == 0 {
			fmt.Fprint(far, g.input()) // leaves without waiting for the answers
		}
		far.Close()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
}

// mangled sends one input and an honest request, and reads up to the answer to that.
func mangled(t *testing.T, g *mangler, conn net.Conn, lines *bufio.Reader) {
	input := g.input()
	g.next++
	last := fmt.Sprintf("r%d", g.next)
	go fmt.Fprintf(conn, "%s\xff"+`{"execute": "query-version", "id": "%s"}`, input, last)
	order := map[byte]int{}
	for {
		conn.SetReadDeadline(time.Now().Add(patience))
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("after %q: %v", input, err)
		}
		v, err := qobject.Parse(line)
		object, ok := v.(*qobject.Dict)
		if err != nil || !ok {
			t.Fatalf("after %q the server says %q", input, line)
		}
		value, _ := object.Get("id")
		id, _ := value.(string)
		var n int
		if _, err := fmt.Sscanf(strings.TrimLeft(id, "ro"), "%d", &n); err != nil || n <= 0 || id != fmt.Sprintf("%c%d", id[0], n) {
			continue // an event, an error without id, or an id that was harmed
		}
		if id[0] == 'o' && !object.Has("return") { // refused, perhaps because it is none any more, and then in its turn
			continue
		}
		if n <= order[id[0]] {
			t.Fatalf("after %q: %s comes after %d", input, id, order[id[0]])
		}
		order[id[0]] = n
		if id == last {
			return
		}
	}
}

// TestManyConnections has 200 clients at once, each of whom asks a lot while events go on.
func TestManyConnections(t *testing.T) {
	const clients, requests, events = 200, 50, 100
	m := newTestServer(t)
	var all, ready sync.WaitGroup
	ready.Add(clients)
	for i := range clients {
		near, far := socketPair(t)
		monitor := m.server.NewMonitor(MonitorConfig{})
		all.Go(func() {
			if err := monitor.ServeConn(t.Context(), near); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			p := newPeer(t, far)
			defer far.Close()
			if i%2 == 0 {
				p.negotiate()
			} else {
				p.expect(testGreeting)
				p.ask(negotiateOOB, `{"return": {}}`)
			}
			ready.Done()
			go func() {
				for n := range requests {
					fmt.Fprintf(far, `{"execute": "query-name", "id": %d}`, n)
				}
			}()
			answered, told := 0, 0
			for answered < requests || told < events {
				line, err := p.line()
				switch {
				case err != nil:
					t.Errorf("client %d: %v after %d replies and %d events", i, err, answered, told)
					return
				case line == fmt.Sprintf(`{"return": {}, "id": %d}`+"\r\n", answered):
					answered++
				case strings.Contains(line, fmt.Sprintf(`"event": "PASS", "data": {"n": %d}}`, told)):
					told++
				default:
					t.Errorf("client %d: %q after %d replies and %d events", i, line, answered, told)
					return
				}
			}
		})
	}
	ready.Wait()
	for n := range events {
		m.server.Emit(testEvent{"PASS", fmt.Sprintf(`{"n": %d}`, n)})
	}
	all.Wait()
}
