package shell

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"qmpmigrate/cmd/qmpmigrate/monitor"
	"qmpmigrate/cmd/qmpmigrate/schema"
)

// language is what people write and read.
type language interface {
	prompt() string
	// request makes of a line what is sent.
	request(line string) ([]byte, error)
	// show writes a reply, and says whether it is a success.
	show(w io.Writer, reply monitor.Reply) bool
	complete(text string) completion
	// local deals with what is not for the server; false: the line is.
	local(w io.Writer, line string, width int) (bool, error)
}

// qmpLanguage is QMP, made easy to write.
type qmpLanguage struct {
	schema *schema.Schema // nil where the server has none
	pretty bool
}

func newQMP(peer *monitor.Monitor, pretty bool) (*qmpLanguage, error) {
	l := &qmpLanguage{pretty: pretty}
	reply, err := peer.Send([]byte(`{"execute": "query-qmp-schema"}`))
	if err != nil || reply.Error != nil {
		return l, err
	}
	var answer struct {
		Return json.RawMessage `json:"return"`
	}
	if err := json.Unmarshal(reply.Text, &answer); err != nil {
		return nil, err
	}
	l.schema, err = schema.Parse(answer.Return)
	return l, err
}

func (l *qmpLanguage) prompt() string { return "(QMP) " }

func (l *qmpLanguage) request(line string) ([]byte, error) { return request(line, l.schema) }

func (l *qmpLanguage) complete(text string) completion { return complete(text, l.schema) }

func (l *qmpLanguage) show(w io.Writer, reply monitor.Reply) bool {
	var b bytes.Buffer
	if err := json.Compact(&b, reply.Text); err != nil {
		return false
	}
	if l.pretty {
		b.Reset()
		_ = json.Indent(&b, reply.Text, "", "    ") // it has just been found whole
	}
	fmt.Fprintf(w, "%s\n", b.Bytes())
	return reply.Error == nil
}

func (l *qmpLanguage) local(w io.Writer, line string, width int) (bool, error) {
	words := split(line)
	if len(words) == 0 || words[0].name != "help" || words[0].given {
		return false, nil
	}
	if len(words) > 2 {
		return true, fmt.Errorf("help explains one command")
	}
	name := ""
	if len(words) == 2 {
		name = words[1].name
	}
	return true, help(w, l.schema, name, width)
}
