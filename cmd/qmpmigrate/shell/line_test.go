package shell

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"qmpmigrate/cmd/qmpmigrate/schema"
)

func TestRequest(t *testing.T) {
	s := known(t)
	for line, want := range map[string]string{
		"query-status":                                                  `{"execute":"query-status"}`,
		"  migrate  uri=tcp:h:1\tdetach=on ":                            `{"execute":"migrate","arguments":{"detach":true,"uri":"tcp:h:1"}}`,
		"migrate uri=5 size=1G":                                         `{"execute":"migrate","arguments":{"size":1073741824,"uri":"5"}}`,
		`migrate uri="exec:cat >x"`:                                     `{"execute":"migrate","arguments":{"uri":"exec:cat \u003ex"}}`,
		`migrate uri='it\'s' modes=fast,slow`:                           `{"execute":"migrate","arguments":{"modes":["fast","slow"],"uri":"it's"}}`,
		"migrate modes=['fast', 'slow']":                                `{"execute":"migrate","arguments":{"modes":["fast","slow"]}}`,
		"open driver=raw file.driver=file file.filename=/x offset=0x10": `{"execute":"open","arguments":{"driver":"raw","file":{"driver":"file","filename":"/x"},"offset":16}}`,
		"open driver=raw file=node":                                     `{"execute":"open","arguments":{"driver":"raw","file":"node"}}`,
		`open driver=raw file={"driver": "file", "a": "}"}`:             `{"execute":"open","arguments":{"driver":"raw","file":{"driver":"file","a":"}"}}}`,
		"new a=1 b=true c=text d='5' e={'x': [1]}":                      `{"execute":"new","arguments":{"a":1,"b":true,"c":"text","d":"5","e":{"x":[1]}}}`,
		"migrate other=1":                                               `{"execute":"migrate","arguments":{"other":1}}`,
		"{'execute': 'x', 'id': 5}":                                     `{"execute": "x", "id": 5}`,
		"":                                                              "!a line begins with a command",
		"uri=5":                                                         "!a line begins with a command",
		"migrate uri":                                                   "!'uri' is not NAME=VALUE",
		"migrate =5":                                                    "!'' is not NAME=VALUE",
		"migrate uri=a uri=b":                                           "!argument 'uri': it is given twice",
		"migrate size=big":                                              "!argument 'size': 'big' is not a whole number",
		"migrate mode=fist":                                             "!argument 'mode': 'fist' is not a value; did you mean fast?",
		`migrate uri="open`:                                             "!argument 'uri': a quote or a bracket is not closed",
		"migrate modes=['fast'":                                         "!argument 'modes': a quote or a bracket is not closed",
		`migrate uri="\q"`:                                              "!argument 'uri': JSON parse error",
		"open file=node file.driver=x":                                  "!argument 'file.driver': 'file' has a value already",
		"{'execute': 'x'":                                               "!JSON parse error",
		"{'execute': 'x'} {}":                                           "!Expecting at most one JSON value",
	} {
		got, err := request(line, s)
		if text, bad := strings.CutPrefix(want, "!"); bad {
			if err == nil || !strings.HasPrefix(err.Error(), text) {
				t.Errorf("%s: %s, %v", line, got, err)
			}
		} else if err != nil || string(got) != want {
			t.Errorf("%s:\n%s\n%s (%v)", line, got, want, err)
		}
	}
	if got, err := request("migrate uri=5", nil); err != nil || string(got) != `{"execute":"migrate","arguments":{"uri":5}}` {
		t.Errorf("without a schema: %s, %v", got, err)
	}
}

func TestComplete(t *testing.T) {
	s := known(t)
	for text, want := range map[string]string{
		"":                                    "0 exit help migrate open query-stats query-status",
		"query-":                              "0 query-stats query-status",
		"  mig":                               "2 migrate|",
		"help q":                              "5 query-stats query-status",
		"migrate ":                            "8 detach= mode= modes= size= uri=",
		"migrate mode=fast mo":                "18 modes=",
		"migrate detach=":                     "15 false true|",
		"migrate detach=t":                    "15 true|",
		"migrate mode=f":                      "13 fast fresh|",
		"migrate modes=slow,f":                "19 fast fresh",
		"migrate uri=":                        "",
		"migrate other=":                      "",
		"nothing ":                            "",
		"x=":                                  "",
		"open ":                               "5 driver= id=",
		"open driver=raw ":                    "16 file. id= offset=",
		"open driver=raw file.":               "16 file.driver= file.id=",
		"open driver=raw file.driver=":        "28 file raw|",
		"open driver=raw file.driver=file fi": "33 file.",
		"open driver=raw file.driver=file file.f": "33 file.filename=",
		"open id=x.": "",
		"{'exe":      "",
	} {
		c := complete(text, s)
		got := strings.Join(c.list, " ")
		if got != "" {
			got = strings.TrimSpace(strings.Join([]string{strconv.Itoa(c.begin), got}, " "))
			if c.finish == " " && strings.HasSuffix(want, "|") {
				got += "|"
			}
		}
		if strings.TrimSuffix(got, "|") != strings.TrimSuffix(want, "|") || strings.HasSuffix(want, "|") != strings.HasSuffix(got, "|") {
			t.Errorf("%q goes on with %q, not %q", text, got, want)
		}
	}
	if c := complete("q", nil); len(c.list) > 0 {
		t.Errorf("without a schema: %q", c.list)
	}
}

func TestCommon(t *testing.T) {
	for want, list := range map[string][]string{"": nil, "query-stat": {"query-stats", "query-status"}, "x": {"x"}, "a": {"ab", "a"}} {
		if got := (&completion{list: list}).common(); got != want {
			t.Errorf("%q have %q in common", list, got)
		}
	}
}

func TestHelp(t *testing.T) {
	s := known(t)
	for name, want := range map[string]string{
		"migrate": "migrate (can be executed out of band)\n" +
			"  uri                          str\n" +
			"  detach                       bool, optional\n" +
			"  size                         int, optional\n" +
			"  modes                        [fast|fresh|slow], optional\n" +
			"  mode                         fast|fresh|slow, optional (deprecated)\n",
		"query-stats": "query-stats\n  returns [object]\n",
		"open": "open (unstable)\n" +
			"  driver                       raw|file\n" +
			"  id                           str, optional\n" +
			"  ...                          others, according to driver\n",
	} {
		var b bytes.Buffer
		if err := help(&b, s, name, 80); err != nil || b.String() != want {
			t.Errorf("%s: %v\n%s", name, err, b.String())
		}
	}
	var b bytes.Buffer
	if err := help(&b, s, "", 40); err != nil || !strings.HasSuffix(b.String(), "\nThe server's commands:\nmigrate       query-stats\nopen          query-status\n") {
		t.Errorf("%v\n%s", err, b.String())
	}
	for name, s := range map[string]*schema.Schema{"migate": s, "x": nil} {
		if err := help(&b, s, name, 80); err == nil {
			t.Errorf("%s is explained", name)
		}
	}
}

func FuzzLine(f *testing.F) {
	for _, seed := range []string{"migrate uri=\"a b\" modes=[1", "open driver=raw file.driver=", "{'execute':", "a.b.c={'x':\\", "=="} {
		f.Add(seed)
	}
	s := known(f)
	f.Fuzz(func(t *testing.T, line string) {
		for _, w := range split(line) {
			if w.begin < 0 || w.begin >= len(line) {
				t.Errorf("%q: word at %d", line, w.begin)
			}
		}
		if r, err := request(line, s); err == nil && bytes.ContainsRune(r, '\n') {
			t.Errorf("%q is %q", line, r)
		}
		for _, c := range complete(line, s).list {
			if begin := complete(line, s).begin; !strings.HasPrefix(c, line[begin:]) {
				t.Errorf("%q goes on with %q at %d", line, c, begin)
			}
		}
	})
}
