package clients

import "testing"

// TestSameArgumentsSameAnswers gives commands wrong arguments of every kind.
func TestSameArgumentsSameAnswers(t *testing.T) {
	theirs, ours := launchBoth(t)
	for command, list := range map[string][]string{
		"migrate-set-parameters":   parameters(),
		"migrate-set-capabilities": capabilities(),
		"migrate":                  addresses(),
		"yank":                     instances(),
		"calc-dirty-rate":          {`{}`, `{"calc-time": "1"}`, `{"calc-time": 1.0}`, `{"calc-time": 9223372036854775808}`, `{"calc-time": null}`},
		"query-status":             {`{"x": 1}`, `{"": 1}`},
		"getfd":                    {``, `{}`, `{"fdname": 1}`, `{"fdname": "x", "y": 1}`, `{"fdname": "x"}`, `{"fdname": "1x"}`},
		"closefd":                  {`{}`, `{"fdname": ""}`, `{"fdname": "nope"}`},
		"add-fd":                   {`{}`, `{"fdset-id": -1}`, `{"fdset-id": "1"}`, `{"fdset-id": 1, "opaque": 2}`, `{"fdset-id": 1.5}`, `{"x": 1}`},
		"remove-fd":                {`{}`, `{"fdset-id": 9}`, `{"fdset-id": 9, "fd": 1}`, `{"fdset-id": -1}`, `{"fdset-id": null}`, `{"fdset-id": 1, "fd": "2"}`},
		"query-fdsets":             {`{}`, `{"x": 1}`},
		"query-version":            {`{"x": 1}`},
		"quit":                     {`{"x": 1}`},
	} {
		t.Run(command, func(t *testing.T) {
			for _, arguments := range list {
				request := `{"execute": "` + command + `", "id": 1`
				if arguments != "" {
					request += `, "arguments": ` + arguments
				}
				sameAnswers(t, theirs, ours, negotiate+request+"}\n")
			}
		})
	}
}

func parameters() []string {
	list := []string{`{"bogus": 1}`, `{"max-bandwidth": -1}{`, `{"x-checkpoint-delay": 4294967296}`}
	for _, value := range []string{`"1"`, `1.5`, `1.0`, `1e3`, `true`, `null`, `[]`, `{}`, `-1`, `256`, `65536`, `18446744073709551616`, `"1M"`} {
		list = append(list, `{"multifd-channels": `+value+`}`, `{"x-checkpoint-delay": `+value+`}`, `{"tls-creds": `+value+`, "bogus": 1}`)
	}
	for _, value := range []string{`"1"`, `1.5`, `1e3`, `true`, `null`, `[]`, `{}`, `18446744073709551616`, `"1M"`} {
		list = append(list, `{"max-bandwidth": `+value+`}`, `{"multifd-compression": `+value+`}`, `{"cpu-throttle-tailslow": `+value+`, "bogus": 2}`)
	}
	return list
}

func capabilities() []string {
	return []string{
		`{}`, `{"capabilities": 1}`, `{"capabilities": {}}`, `{"capabilities": null}`, `{"capabilities": [1]}`, `{"capabilities": [{}]}`,
		`{"capabilities": [{"capability": "events"}]}`, `{"capabilities": [{"state": true}]}`,
		`{"capabilities": [{"capability": "foo", "state": true}]}`, `{"capabilities": [{"capability": 1, "state": true}]}`,
		`{"capabilities": [{"capability": "events", "state": 1}]}`, `{"capabilities": [{"capability": "events", "state": true, "x": 1}]}`,
		`{"capabilities": [{"capability": "events", "state": true}, {"capability": "events"}]}`, `{"capabilities": []}`,
		`{"capabilities": [{"capability": "events", "state": null}], "x": 1}`,
	}
}

func addresses() []string {
	list := []string{
		`{"uri": 1}`, `{"uri": null}`, `{"uri": "tcp:x:1", "bogus": 1}`, `{"detach": 1, "uri": "tcp:x:1"}`, `{"channels": 1}`, `{"channels": [1]}`,
		`{"channels": [{}]}`, `{"channels": [{"channel-type": "x"}]}`, `{"channels": [{"channel-type": "main"}]}`,
		`{"channels": [{"channel-type": "main", "addr": 1}]}`, `{"channels": [{"channel-type": "main", "addr": {}}]}`,
		`{"channels": [{"channel-type": 1, "addr": {}}]}`,
	}
	for _, addr := range []string{
		`"transport": "x"`, `"transport": 1`, `"transport": "socket"`, `"transport": "socket", "type": "x"`,
		`"transport": "socket", "type": "inet"`, `"transport": "socket", "type": "inet", "host": "x"`,
		`"transport": "socket", "type": "inet", "host": "x", "port": 1`, `"transport": "socket", "type": "inet", "host": 1, "port": "1"`,
		`"transport": "socket", "type": "inet", "host": "x", "port": "1", "to": 65536`,
		`"transport": "socket", "type": "inet", "host": "x", "port": "1", "path": "/"`, `"transport": "socket", "type": "unix"`,
		`"transport": "socket", "type": "unix", "path": "x", "x": 1`, `"transport": "exec"`, `"transport": "exec", "args": [1]`,
		`"transport": "exec", "args": "x"`, `"transport": "file", "filename": "/x"`, `"transport": "file", "offset": 1`,
		`"transport": "file", "filename": "/x", "offset": "1"`, `"transport": "socket", "type": "vsock", "cid": 1, "port": "1"`,
	} {
		list = append(list, `{"channels": [{"channel-type": "main", "addr": {`+addr+`}}]}`)
	}
	return list
}

func instances() []string {
	return []string{
		`{}`, `{"instances": 1}`, `{"instances": [1]}`, `{"instances": [{}]}`, `{"instances": [{"type": "x"}]}`, `{"instances": [{"type": 1}]}`,
		`{"instances": [{"type": "chardev"}]}`, `{"instances": [{"type": "chardev", "id": 1}]}`, `{"instances": [{"type": "block-node"}]}`,
		`{"instances": [{"type": "chardev", "id": "x", "y": 1}]}`, `{"instances": [{"type": "migration", "id": "x"}]}`,
		`{"instances": [{"type": "chardev", "id": "no"}]}`, `{"instances": [{"type": "migration"}]}`, `{"instances": []}`,
	}
}
