package cmdline

import (
	"fmt"
	"strings"
	"testing"
)

func incoming(cfg *Config) string {
	var all []string
	for _, in := range cfg.Incoming {
		text := in.URI
		if in.Channel != nil {
			text = compact(in.Channel)
		}
		all = append(all, fmt.Sprintf("%s<%s>", in.Type, text))
	}
	return strings.Join(all, " ")
}

func TestIncoming(t *testing.T) {
	const unix = `{"channel-type": "main", "addr": {"transport": "socket", "type": "unix", "path": "/s"}}`
	const cpr = "cpr,addr.transport=socket,addr.type=unix,addr.path=/c"
	const cprDict = `{"channel-type": "cpr", "addr": {"transport": "socket", "type": "unix", "path": "/c"}}`
	for _, row := range []struct{ args, want string }{
		{"", ""},
		{"-incoming defer", "main<defer>"},
		{"-incoming tcp:127.0.0.1:0", "main<tcp:127.0.0.1:0>"},
		{"-incoming bogus:1", "main<bogus:1>"}, // for the channels to refuse
		{"-incoming :2", "main<:2>"},
		{"-incoming 'exec:cat x | y, z'", "main<exec:cat x | y, z>"},
		{"-incoming tcp:a:1 -incoming defer", "main<defer>"},
		{"-incoming main,addr.transport=socket,addr.type=unix,addr.path=/s", "main<" + unix + ">"},
		{"-incoming channel-type=main,addr.transport=socket,addr.type=unix,addr.path=/s", "main<" + unix + ">"},
		{"-incoming '" + unix + "'", "main<" + unix + ">"},
		{"-incoming unix:/s -incoming " + cpr, "main<unix:/s> cpr<" + cprDict + ">"},
		{"-incoming " + cpr + " -incoming defer -incoming " + cpr, "main<defer> cpr<" + cprDict + ">"},
		{"-incoming main,addr.transport=socket,addr.type=inet,addr.host=,addr.port=0,addr.to=9,addr.ipv4=on",
			`main<{"channel-type": "main", "addr": {"transport": "socket", "type": "inet", "host": "", "port": "0", ` +
				`"to": 9, "ipv4": true}}>`},
		{"-incoming main,addr.transport=file,addr.filename=f,addr.offset=0x10",
			`main<{"channel-type": "main", "addr": {"transport": "file", "filename": "f", "offset": 16}}>`},
		{"-incoming main,addr.transport=exec,addr.args.0=cat,addr.args.1=a,,b",
			`main<{"channel-type": "main", "addr": {"transport": "exec", "args": ["cat", "a,b"]}}>`},
		{"-incoming main,addr.transport=rdma,addr.host=h,addr.port=1",
			`main<{"channel-type": "main", "addr": {"transport": "rdma", "host": "h", "port": "1"}}>`},
		{"-incoming main,addr.transport=socket,addr.type=fd,addr.str=7",
			`main<{"channel-type": "main", "addr": {"transport": "socket", "type": "fd", "str": "7"}}>`},
		{"-incoming main,addr.transport=socket,addr.type=vsock,addr.cid=3,addr.port=1",
			`main<{"channel-type": "main", "addr": {"transport": "socket", "type": "vsock", "cid": "3", "port": "1"}}>`},
	} {
		if got := incoming(parsed(t, row.args)); got != row.want {
			t.Errorf("%s:\n got %s\nwant %s", row.args, got, row.want)
		}
	}
	// A single-quoted string needs more quoting than words has.
	_, _, err := Parse("PROG", []string{"-incoming", `{'channel-type':'main','addr':{'transport':'exec','args':['x']}}`})
	if err != nil {
		t.Error(err)
	}
}

func TestIncomingErrors(t *testing.T) {
	checkBad(t, []badLine{
		{"-incoming bogus", "@: Parameter 'channel-type' does not accept value 'bogus'"},
		{"-incoming 1:2", "@: Parameter 'channel-type' does not accept value '1:2'"},
		{"-incoming abc-d:2", "@: Parameter 'channel-type' does not accept value 'abc-d:2'"},
		{"-incoming ''", "@: Parameter 'channel-type' is missing"},
		{"-incoming {bad", "@: JSON parse error, invalid keyword 'bad'"},
		{"-incoming {", "@: JSON parse error, premature EOI"},
		{"-incoming {}{}", "@: Expecting at most one JSON value"},
		{"-incoming channel-type=main", "@: Parameter 'addr' is missing"},
		{"-incoming main,addr=x", "@: Invalid parameter type for 'addr', expected: object"},
		{"-incoming main,addr.transport=bogus", "@: Parameter 'transport' does not accept value 'bogus'"},
		{"-incoming main,addr.x=y", "@: Parameter 'addr.transport' is missing"},
		{"-incoming main,addr.transport=exec", "@: Parameter 'addr.args' is missing"},
		{"-incoming main,addr.transport=exec,addr.args=x", "@: Invalid parameter type for 'addr.args', expected: array"},
		{"-incoming main,addr.transport=socket", "@: Parameter 'addr.type' is missing"},
		{"-incoming main,addr.transport=socket,addr.type=bogus", "@: Parameter 'type' does not accept value 'bogus'"},
		{"-incoming main,addr.transport=socket,addr.type=inet,addr.host=h", "@: Parameter 'addr.port' is missing"},
		{`-incoming {"channel-type":"main","addr":{"transport":"socket","type":"inet","host":"h","port":1}}`,
			"@: Invalid parameter type for 'addr.port', expected: string"},
		{"-incoming main,addr.transport=socket,addr.type=unix,addr.path=/s,foo=1", "@: Parameter 'foo' is unexpected"},
		{"-incoming main,addr.transport=socket,addr.type=unix,addr.path=/s,foo.bar=1", "@: Parameter 'foo' is unexpected"},
		{"-incoming main,addr.transport=socket,addr.type=unix,addr.path=/s,addr.foo=1",
			"@: Parameter 'addr.foo' is unexpected"},
		{"-incoming main,addr.transport=socket,addr.type=unix,addr.path.x=1", "@: Parameters 'addr.path.*' are unexpected"},
		{"-incoming main,addr.transport=file,addr.filename=x,addr.offset=1M", "@: Parameter 'addr.offset' expects integer"},
		{"-incoming main,addr.transport=rdma,addr.host=h,addr.port=1,addr.ipv4=maybe",
			"@: Parameter 'addr.ipv4' expects 'on' or 'off'"},
		{"-incoming main,addr.transport=rdma,addr.host=h,addr.port=1,addr.to=65536",
			"@: Parameter 'addr.to' expects uint16_t"},
		{`-incoming {"channel-type":"main","addr":{"transport":"exec","args":[1]}}`,
			"@: Invalid parameter type for 'addr.args[0]', expected: string"},
		{"-incoming help", "@: Help is not available for this option"},
		{"-incoming defer -loadvm x", "PROG: 'incoming' and 'loadvm' options are mutually exclusive"},
		{"--preconfig -loadvm x", "PROG: 'preconfig' and 'loadvm' options are mutually exclusive"},
		{"--preconfig -incoming tcp:h:1", "PROG: 'preconfig' supports '-incoming defer' only"},
		{"-incoming", "PROG: -incoming: requires an argument"},
	})
	if cfg := parsed(t, "--preconfig -incoming defer"); !cfg.Preconfig || !cfg.Incoming[0].Deferred() {
		t.Error("preconfig with defer")
	}
}
