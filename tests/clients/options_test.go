package clients

import (
	"encoding/json"
	"testing"

	"qmpmigrate/tests/emulator"
)

// TestCommandLineOptions holds every option that the server tells of against what a real QEMU tells of it.
func TestCommandLineOptions(t *testing.T) {
	theirs, ours := launchBoth(t)
	w := plug(t, ours)
	w.send(negotiate + `{"execute": "query-command-line-options"}`)
	w.line()
	text, err := w.lines.ReadBytes('\n')
	emulator.Must(t, err)
	w.conn.Close()
	var reply struct {
		Return []struct{ Option string }
	}
	emulator.Must(t, json.Unmarshal(text, &reply))
	if len(reply.Return) < 30 {
		t.Errorf("only %d options", len(reply.Return))
	}
	names := []string{"bogus", "incoming", "", "m"}
	for _, o := range reply.Return {
		names = append(names, o.Option)
	}
	for _, name := range names {
		if name != "" {
			sameAnswers(t, theirs, ours, negotiate+`{"execute": "query-command-line-options", "arguments": {"option": "`+name+`"}}`)
		}
	}
	sameAnswers(t, theirs, ours, negotiate+`{"execute": "query-command-line-options", "arguments": {"option": 1}}`)
}
