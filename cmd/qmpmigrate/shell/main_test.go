package shell

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/digitalocean/go-qemu/qmp"
	"go.uber.org/goleak"

	"qmpmigrate/cmd/qmpmigrate/monitor"
	"qmpmigrate/cmd/qmpmigrate/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const schemaText = `[
 {"name": "query-status", "meta-type": "command", "arg-type": "0", "ret-type": "state"},
 {"name": "query-stats", "meta-type": "command", "arg-type": "0", "ret-type": "[state]"},
 {"name": "migrate", "meta-type": "command", "arg-type": "m", "ret-type": "0", "allow-oob": true},
 {"name": "open", "meta-type": "command", "arg-type": "o", "ret-type": "0", "features": ["unstable"]},
 {"name": "0", "meta-type": "object", "members": []},
 {"name": "state", "meta-type": "object", "members": [{"name": "status", "type": "str"}]},
 {"name": "[state]", "meta-type": "array", "element-type": "state"},
 {"name": "m", "meta-type": "object", "members": [
   {"name": "uri", "type": "str"}, {"name": "detach", "type": "bool", "default": null},
   {"name": "size", "type": "int", "default": null}, {"name": "modes", "type": "[mode]", "default": null},
   {"name": "mode", "type": "mode", "default": null, "features": ["deprecated"]}]},
 {"name": "mode", "meta-type": "enum", "values": ["fast", "fresh", "slow"]}, {"name": "[mode]", "meta-type": "array", "element-type": "mode"},
 {"name": "o", "meta-type": "object", "tag": "driver", "members": [{"name": "driver", "type": "driver"}, {"name": "id", "type": "str", "default": null}],
   "variants": [{"case": "raw", "type": "raw"}, {"case": "file", "type": "file"}]},
 {"name": "driver", "meta-type": "enum", "values": ["raw", "file"]},
 {"name": "raw", "meta-type": "object", "members": [{"name": "file", "type": "ref"}, {"name": "offset", "type": "int", "default": null}]},
 {"name": "file", "meta-type": "object", "members": [{"name": "filename", "type": "str"}]},
 {"name": "ref", "meta-type": "alternate", "members": [{"type": "o"}, {"type": "str"}]},
 {"name": "int", "meta-type": "builtin", "json-type": "int"}, {"name": "str", "meta-type": "builtin", "json-type": "string"},
 {"name": "bool", "meta-type": "builtin", "json-type": "boolean"}]`

func known(t testing.TB) *schema.Schema {
	t.Helper()
	s, err := schema.Parse([]byte(schemaText))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// server plays a QMP server: answer gives what it writes to a request, without
// a line's end; nothing ends the connection.
type server struct {
	conn   net.Conn
	mu     sync.Mutex
	asked  []string
	answer func(command string, args map[string]any) string
}

func (s *server) requests() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.asked, "\n")
}

// usual answers as a server with the schema does, which refuses what it does not know.
func usual(command string, args map[string]any) string {
	switch command {
	case "query-qmp-schema":
		return `{"return": ` + schemaText + `}`
	case "query-status":
		return `{"return": {"status": "running"}}`
	case "human-monitor-command":
		text, _ := json.Marshal(hmp(args["command-line"].(string)))
		return `{"return": ` + string(text) + `}`
	case "migrate", "open", "qmp_capabilities":
		return `{"return": {}}`
	}
	return `{"error": {"class": "CommandNotFound", "desc": "The command ` + command + ` has not been found"}}`
}

func hmp(line string) string {
	switch line {
	case "help":
		return "help|? [cmd] -- show the help\r\ninfo [subcommand] -- show various information\r\nmigrate [-d] uri -- migrate to URI\r\n\t\t\t -d to not wait\r\n"
	case "help info":
		return "info migrate  -- show migration status\r\ninfo status [now] -- show the status\r\n"
	case "info status":
		return "VM status: running\r\n"
	case "quiet":
		return ""
	}
	return "unknown command: '" + line + "'\r\n"
}

// serve starts s and gives a monitor that is connected to it.
func serve(t *testing.T, answer func(string, map[string]any) string) (*server, func(func(qmp.Event)) (*monitor.Monitor, error)) {
	t.Helper()
	ours, theirs := net.Pipe()
	s := &server{conn: theirs, answer: answer}
	var done sync.WaitGroup
	done.Go(s.run)
	t.Cleanup(func() {
		ours.Close()
		done.Wait()
	})
	return s, func(show func(qmp.Event)) (*monitor.Monitor, error) {
		m := monitor.New(ours)
		m.OnEvent = show
		return m, m.Connect()
	}
}

func (s *server) run() {
	defer s.conn.Close()
	fmt.Fprintln(s.conn, `{"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 10}, "package": ""}, "capabilities": []}}`)
	for in := bufio.NewScanner(s.conn); in.Scan(); {
		var r struct {
			Execute   string
			Arguments map[string]any
		}
		if json.Unmarshal(in.Bytes(), &r) != nil {
			return
		}
		s.mu.Lock()
		s.asked = append(s.asked, in.Text())
		s.mu.Unlock()
		answer := s.answer(r.Execute, r.Arguments)
		if answer == "" {
			return
		}
		if _, err := io.WriteString(s.conn, answer); err != nil {
			return
		}
	}
}
