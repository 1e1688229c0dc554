package cmdline

import (
	"strings"
	"testing"
)

func TestObjects(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"memory-backend-ram,id=m,size=1.5k", `{"qom-type": "memory-backend-ram", "id": "m", "size": 1536}`},
		{"qom-type=memory-backend-ram,size=64M,id=m,share=yes,prealloc=off,prealloc-threads=0x2,policy=bind,host-nodes=0-2,host-nodes=5",
			`{"qom-type": "memory-backend-ram", "id": "m", "host-nodes": [0, 1, 2, 5], "policy": "bind", ` +
				`"prealloc": false, "prealloc-threads": 2, "share": true, "size": 67108864}`},
		{"memory-backend-file,id=mem0,size=150M,mem-path=/dev/shm/q,share=on",
			`{"qom-type": "memory-backend-file", "id": "mem0", "share": true, "size": 157286400, "mem-path": "/dev/shm/q"}`},
		{"memory-backend-memfd,id=pc.ram,size=150M", `{"qom-type": "memory-backend-memfd", "id": "pc.ram", "size": 157286400}`},
		{"tls-creds-psk,id=t,dir=/d,,e,endpoint=server,username=u",
			`{"qom-type": "tls-creds-psk", "id": "t", "dir": "/d,e", "endpoint": "server", "username": "u"}`},
		{"authz-simple,id=a,identity=CN=x,,O=y", `{"qom-type": "authz-simple", "id": "a", "identity": "CN=x,O=y"}`},
		{"secret,id=masterKey0,format=raw,file=/k", `{"qom-type": "secret", "id": "masterKey0", "file": "/k", "format": "raw"}`},
		{"iothread,id=i,poll-max-ns=-1", `{"qom-type": "iothread", "id": "i", "poll-max-ns": -1}`},
		{"rng-random,id=r,filename=/dev/urandom", `{"qom-type": "rng-random", "id": "r", "filename": "/dev/urandom"}`},
		{`{"qom-type":"memory-backend-ram","id":"pc.ram","size":134217728}`,
			`{"qom-type": "memory-backend-ram", "id": "pc.ram", "size": 134217728}`},
		{`{"qom-type":"memory-backend-ram","id":"m","size":18446744073709551615,"host-nodes":[1]}`,
			`{"qom-type": "memory-backend-ram", "id": "m", "host-nodes": [1], "size": 18446744073709551615}`},
		{`{"qom-type":"authz-list","id":"l","rules":[{"match":"a*","policy":"allow","format":"glob"}]}`,
			`{"qom-type": "authz-list", "id": "l", "rules": [{"match": "a*", "policy": "allow", "format": "glob"}]}`},
		{`{"qom-type":"rng-builtin","id":"r","x":[1]}`, `{"qom-type": "rng-builtin", "id": "r", "x": [1]}`},
	} {
		cfg := parsed(t, "-object "+row.text)
		o := cfg.Objects[0]
		if got := compact(o.Props); got != row.want {
			t.Errorf("%s:\n got %s\nwant %s", row.text, got, row.want)
		}
		if kind, _ := o.Props.Get("qom-type"); o.Type != kind || o.Inert != strings.HasPrefix(o.Type, "rng") {
			t.Errorf("%s: %+v", row.text, o)
		}
	}
}

func TestObjectErrors(t *testing.T) {
	const badID = "@: Parameter 'id' expects an identifier\n" +
		"Identifiers consist of letters, digits, '-', '.', '_', starting with a letter."
	checkBad(t, []badLine{
		{"-object ''", "@: Parameter 'qom-type' is missing"},
		{"-object id=x", "@: Parameter 'qom-type' is missing"},
		{"-object {}", "@: Parameter 'qom-type' is missing"},
		{"-object bogus,id=x", "@: Parameter 'qom-type' does not accept value 'bogus'"},
		{`-object {"qom-type":"bogus"}`, "@: Parameter 'qom-type' does not accept value 'bogus'"},
		{"-object authz-pam,id=x", "@: invalid object type: authz-pam"},
		{"-object secret,data=x", "@: Parameter 'id' is missing"},
		{`-object {"qom-type":"secret"}`, "@: Parameter 'id' is missing"},
		{"-object secret,id=1x", badID},
		{`-object {"qom-type":"secret","id":"1x"}`, badID},
		{"-object secret,id=x,foo=1", "@: Invalid parameter 'foo'"},
		{`-object {"qom-type":"secret","id":"x","foo":1}`, "@: Parameter 'foo' is unexpected"},
		{"-object secret,id=x,data=a -object secret,id=x,data=b", "@: Duplicate ID 'x' for object"},
		{`-object secret,id=x,data=a -object {"qom-type":"secret","id":"x","data":"b"}`,
			"PROG: attempt to add duplicate property 'x' to object (type 'container')"},
		{`-object {"qom-type":"secret","id":"x"} -object secret,id=x,data=a`,
			"PROG: attempt to add duplicate property 'x' to object (type 'container')"},
		{"-object memory-backend-ram,id=x", "@: Parameter 'size' is missing"},
		{"-object memory-backend-file,id=x,size=1M", "@: Parameter 'mem-path' is missing"},
		{"-object authz-simple,id=x", "@: Parameter 'identity' is missing"},
		{"-object memory-backend-ram,id=x,size=zz", "@: Parameter 'size' expects a size value"},
		{"-object memory-backend-ram,id=x,size=-1", "@: Parameter 'size' expects a size value"},
		{"-object memory-backend-ram,id=x,size=1MB", "@: Parameter 'size' expects a size value"},
		{`-object {"qom-type":"memory-backend-ram","id":"x","size":"1M"}`, "@: Parameter 'size' expects uint64"},
		{`-object {"qom-type":"memory-backend-ram","id":"x","size":-1}`,
			"@: Value '-1' is out of range for parameter 'size'"},
		{"-object memory-backend-ram,id=x,size=1M,policy=bogus", "@: Parameter 'policy' does not accept value 'bogus'"},
		{"-object memory-backend-ram,id=x,size=1M,share=maybe", "@: Parameter 'share' expects 'on' or 'off'"},
		{`-object {"qom-type":"memory-backend-ram","id":"x","size":1,"share":"on"}`,
			"@: Invalid parameter type for 'share', expected: boolean"},
		{"-object memory-backend-ram,id=x,size=1M,prealloc-threads=x",
			"@: Parameter 'prealloc-threads' expects a uint64 value"},
		{"-object memory-backend-ram,id=x,size=1M,prealloc-threads=-1",
			"@: Parameter 'prealloc-threads' expects a uint64 value"},
		{"-object memory-backend-ram,id=x,size=1M,prealloc-threads=4294967296",
			"@: Parameter 'prealloc-threads' expects uint32_t"},
		{"-object memory-backend-ram,id=x,size=1M,host-nodes=a",
			"@: Parameter 'host-nodes' expects a uint64 value or range"},
		{"-object memory-backend-ram,id=x,size=1M,host-nodes=3-1",
			"@: Parameter 'host-nodes' expects a uint64 value or range"},
		{"-object memory-backend-ram,id=x,size=1M,host-nodes=0-18446744073709551615",
			"@: Parameter 'host-nodes' expects a uint64 value or range"},
		{"-object memory-backend-ram,id=x,size=1M,host-nodes=70000", "@: Parameter 'host-nodes' expects uint16_t"},
		{"-object memory-backend-ram,id=x,size=1M,host-nodes.0=1", "@: Invalid parameter 'host-nodes.0'"},
		{"-object iothread,id=x,poll-grow=y", "@: Parameter 'poll-grow' expects an int64 value"},
		{`-object {"qom-type":"iothread","id":"x","poll-grow":"1"}`,
			"@: Invalid parameter type for 'poll-grow', expected: integer"},
		{"-object authz-list,id=x,rules=y", "@: Invalid parameter 'rules'"},
		{`-object {"qom-type":"authz-list","id":"x","rules":[{"match":"a"}]}`,
			"@: Parameter 'rules[0].policy' is missing"},
		{`-object {"qom-type":"authz-list","id":"x","rules":[{"match":"a","policy":"deny","y":1}]}`,
			"@: Parameter 'rules[0].y' is unexpected"},
		{`-object {"qom-type":"authz-list","id":"x","rules":[7]}`,
			"@: Invalid parameter type for 'rules[0]', expected: object"},
		{"-object tls-creds-x509,id=x,endpoint=bogus", "@: Parameter 'endpoint' does not accept value 'bogus'"},
		{"-object {bad", "@: JSON parse error, invalid keyword 'bad'"},
	})
}

func TestObjectHelp(t *testing.T) {
	exit := printed(t, "-object help")
	if !strings.HasPrefix(exit.Text, "List of user creatable objects:\n  authz-list\n") || exit.Status != 0 {
		t.Errorf("list: %+v", exit)
	}
	exit = printed(t, "-object tls-creds-psk,help")
	const want = "tls-creds-psk options:\n  dir=<string>\n  endpoint=<string>\n  priority=<string>\n" +
		"  username=<string>\n  verify-peer=<bool>\n"
	if exit.Text != want || exit.Status != 0 {
		t.Errorf("properties: %+v", exit)
	}
}

// A switch without value is a warning here too.
func TestObjectSwitch(t *testing.T) {
	cfg, warnings, err := Parse("PROG", words("-object memory-backend-ram,id=m,size=1M,share,noprealloc"))
	if err != nil || len(warnings) != 2 {
		t.Fatalf("%v, %v", warnings, err)
	}
	const want = `{"qom-type": "memory-backend-ram", "id": "m", "prealloc": false, "share": true, "size": 1048576}`
	if got := compact(cfg.Objects[0].Props); got != want {
		t.Errorf("got %s", got)
	}
}
