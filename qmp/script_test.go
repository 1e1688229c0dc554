package qmp

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

var rewrite = flag.Bool("rewrite", false, "write what the server answers into the conversations of testdata")

// TestConversations plays testdata/*.qmp. A line of a conversation is a comment (#), empty, or one of these, where
// a name at the start chooses a client (none: the client "", who connects by himself):
//
//	[name] -> text      the client sends the text and LF
//	[name] ->> "text"   the client sends exactly the text, written as a Go string
//	[name] <- line      the client receives a line, ended by CR LF
//	[name] <- EOF       the connection has ended
//	! connect name [pretty]     ! close name     ! preconfig on|off
//	! emit NAME [data]          ! release        (an x-hold ends)
//
// Before each line that is no <- the server has come to rest, so all that it had to say was received.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.qmp")
	if err != nil || len(files) == 0 {
		t.Fatal("no conversations", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".qmp"), func(t *testing.T) {
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var after string
			synctest.Test(t, func(t *testing.T) { after = play(t, string(before)) })
			if *rewrite {
				if err := os.WriteFile(file, []byte(after), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if after != string(before) {
				t.Errorf("%s", difference(string(before), after))
			}
		})
	}
}

// play runs a conversation and returns it as it came about.
func play(t *testing.T, script string) string {
	p := &player{t: t, machine: newTestServer(t), clients: map[string]*client{}}
	defer p.end()
	var out strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimSuffix(line, "\n")
		if name, _, ok := strings.Cut(line, "<-"); ok && !strings.Contains(name, "->") && line[0] != '#' {
			continue
		}
		out.WriteString(line + "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		p.step(line)
		synctest.Wait()
		out.WriteString(p.answers())
	}
	return out.String()
}

type player struct {
	t       *testing.T
	machine *machine
	clients map[string]*client
	names   []string
}

func (p *player) step(line string) {
	if directive, ok := strings.CutPrefix(line, "! "); ok {
		p.direct(strings.SplitN(directive, " ", 3))
		return
	}
	name, text, ok := strings.Cut(line, "->")
	if !ok {
		p.t.Fatalf("what is %q?", line)
	}
	c := p.client(strings.TrimSpace(name), MonitorConfig{})
	if quoted, ok := strings.CutPrefix(text, "> "); ok {
		exact, err := strconv.Unquote(quoted)
		if err != nil {
			p.t.Fatalf("%q: %v", line, err)
		}
		c.send(p.t, exact)
		return
	}
	c.send(p.t, strings.TrimPrefix(text, " ")+"\n")
}

func (p *player) direct(words []string) {
	words = append(words, "", "")
	switch words[0] {
	case "connect":
		p.client(words[1], MonitorConfig{Pretty: words[2] == "pretty"})
	case "close":
		p.clients[words[1]].conn.Close()
		delete(p.clients, words[1])
	case "preconfig":
		p.machine.server.SetPreconfig(words[1] == "on")
	case "emit":
		p.machine.server.Emit(testEvent{words[1], words[2]})
	case "release":
		p.machine.hold <- struct{}{}
	default:
		p.t.Fatalf("what is %q?", words)
	}
}

func (p *player) client(name string, config MonitorConfig) *client {
	if c := p.clients[name]; c != nil {
		return c
	}
	c := connect(p.machine.server.NewMonitor(config))
	p.clients[name] = c
	p.names = append(p.names, name)
	return c
}

// answers returns the lines that all clients have received.
func (p *player) answers() string {
	var out strings.Builder
	for _, name := range p.names {
		c := p.clients[name]
		if c == nil {
			continue
		}
		got, eof := c.take()
		if name != "" {
			name += " "
		}
		for line := range strings.Lines(got) {
			whole, ok := strings.CutSuffix(line, "\r\n")
			if !ok {
				p.t.Errorf("%q does not end in CR LF", line)
			}
			fmt.Fprintf(&out, "%s<- %s\n", name, whole)
		}
		if eof {
			fmt.Fprintf(&out, "%s<- EOF\n", name)
			delete(p.clients, strings.TrimSpace(name))
		}
	}
	return out.String()
}

func (p *player) end() {
	for _, c := range p.clients {
		c.conn.Close()
	}
}

// difference shows the first lines that differ.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		if i >= len(w) || i >= len(g) || w[i] != g[i] {
			return fmt.Sprintf("from line %d:\nwant %s\ngot  %s", i+1,
				strings.Join(w[min(i, len(w)):min(i+3, len(w))], "\n     "),
				strings.Join(g[min(i, len(g)):min(i+3, len(g))], "\n     "))
		}
	}
	return "no difference"
}
