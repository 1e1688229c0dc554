package cmdline

import "testing"

func TestName(t *testing.T) {
	for line, want := range map[string]Name{
		"":                                  {},
		"-name vm":                          {Guest: "vm"},
		"-name ''":                          {},
		"-name a,,b":                        {Guest: "a,b"},
		"-name guest=":                      {},
		`-name {"guest":"x"}`:               {Guest: `{"guest":"x"}`},
		"-name 'vm,debug-threads=on'":       {Guest: "vm", DebugThreads: true},
		"-name guest=g,process=p -name h":   {Guest: "h", Process: "p"},
		"-name source,debug-threads=on":     {Guest: "source", DebugThreads: true},
		"-name process=p -name guest=first": {Guest: "first", Process: "p"},
	} {
		if got := parsed(t, line).Name; got != want {
			t.Errorf("%s: %+v, want %+v", line, got, want)
		}
	}
	checkBad(t, []badLine{
		{"-name vm,foo=1", "@: Invalid parameter 'foo'"},
		{"-name vm,debug-threads=maybe", "@: Parameter 'debug-threads' expects 'on' or 'off'"},
		{"-name vm,id=x", "@: Invalid parameter 'id'"},
	})
}

func TestUUID(t *testing.T) {
	cfg := parsed(t, "-uuid 77777777-ABCD-4333-8444-555555555555")
	if got := cfg.UUID.String(); got != "77777777-abcd-4333-8444-555555555555" {
		t.Errorf("uuid %s", got)
	}
	if got := parsed(t, "").UUID.String(); got != "00000000-0000-0000-0000-000000000000" {
		t.Errorf("no uuid: %s", got)
	}
	cfg = parsed(t, "-uuid 11111111-abcd-4333-8444-555555555555 -smbios type=1,uuid=77777777-ABCD-4333-8444-555555555555 -smbios type=0,vendor=x")
	if got := cfg.UUID.String(); got != "77777777-abcd-4333-8444-555555555555" {
		t.Errorf("uuid of the tables: %s", got)
	}
	checkBad(t, []badLine{{"-smbios type=1,uuid=x", "@: Invalid UUID"}})
	const want = "@: failed to parse UUID string: wrong format"
	checkBad(t, []badLine{
		{"-uuid x", want},
		{"-uuid ''", want},
		{"-uuid 77777777222243338444555555555555", want},
		{"-uuid {77777777-2222-4333-8444-555555555555}", want},
		{"-uuid urn:uuid:77777777-2222-4333-8444-555555555555", want},
		{"-uuid 77777777-2222-4333-8444-55555555555g", want},
		{"-uuid 777777772222-4333-8444-5555-55555555", want},
	})
}

func TestSeed(t *testing.T) {
	if p := parsed(t, "-seed 0x2a").Seed; p == nil || *p != 42 {
		t.Errorf("seed %v", p)
	}
	if parsed(t, "").Seed != nil {
		t.Error("a seed without -seed")
	}
	checkBad(t, []badLine{{"-seed x", "@: Invalid seed number: x"}})
}
