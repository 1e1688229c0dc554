package shell

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"qmpmigrate/cmd/qmpmigrate/monitor"
)

// hmpLanguage is that of the text monitor, through human-monitor-command.
type hmpLanguage struct {
	commands []string
	topics   []string // what info can tell
}

func newHMP(peer *monitor.Monitor) (*hmpLanguage, error) {
	l := &hmpLanguage{}
	for _, list := range []struct {
		line, skip string
		names      *[]string
	}{{"help", "", &l.commands}, {"help info", "info ", &l.topics}} {
		line, err := l.request(list.line)
		if err != nil {
			return nil, err
		}
		reply, err := peer.Send(line)
		if err != nil {
			return nil, err
		}
		if reply.Error != nil {
			return nil, fmt.Errorf("no text monitor: %w", reply.Error)
		}
		*list.names = helpNames(text(reply), list.skip)
	}
	return l, nil
}

// helpNames finds the names in what help lists, "NAME|ALIAS ARGS -- TEXT".
func helpNames(text, skip string) (names []string) {
	for line := range strings.Lines(text) {
		line, ok := strings.CutPrefix(line, skip)
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || !strings.Contains(line, " -- ") || strings.HasPrefix(name, "[") {
			continue
		}
		names = append(names, strings.Split(name, "|")...)
	}
	return names
}

// text is what a reply says.
func text(reply monitor.Reply) string {
	var answer struct {
		Return string `json:"return"`
	}
	_ = json.Unmarshal(reply.Text, &answer) // else it says nothing
	return answer.Return
}

func (l *hmpLanguage) prompt() string { return "(qemu) " }

func (l *hmpLanguage) request(line string) ([]byte, error) {
	return json.Marshal(map[string]any{"execute": "human-monitor-command",
		"arguments": map[string]any{"command-line": line}})
}

func (l *hmpLanguage) show(w io.Writer, reply monitor.Reply) bool {
	if reply.Error != nil {
		fmt.Fprintf(w, "Error: %s\n", reply.Error.Desc)
		return false
	}
	said := strings.ReplaceAll(text(reply), "\r\n", "\n")
	if said != "" && !strings.HasSuffix(said, "\n") {
		said += "\n"
	}
	_, _ = io.WriteString(w, said)
	return !complains(said)
}

// complains tells a failure from a success by how QEMU words it: nothing else does.
func complains(said string) bool {
	for _, begin := range []string{"Error: ", "unknown command: ", "Try \"help "} {
		if strings.HasPrefix(said, begin) || strings.Contains(said, "\n"+begin) {
			return true
		}
	}
	return false
}

func (l *hmpLanguage) complete(text string) completion {
	fields := strings.Fields(text)
	last := ""
	if n := len(fields); n > 0 && !strings.HasSuffix(text, " ") {
		last, fields = fields[n-1], fields[:n-1]
	}
	begin := len(text) - len(last)
	switch {
	case len(fields) == 0:
		return matching(begin, last, " ", append(l.commands, "exit"))
	case len(fields) == 1 && (fields[0] == "help" || fields[0] == "?"):
		return matching(begin, last, "", l.commands)
	case len(fields) == 1 && fields[0] == "info":
		return matching(begin, last, "", l.topics)
	}
	return completion{}
}

func (l *hmpLanguage) local(io.Writer, string, int) (bool, error) { return false, nil }
