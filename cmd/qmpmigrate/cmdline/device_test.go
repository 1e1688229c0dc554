package cmdline

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// asChardev reads a device string the way -qmp does.
func asChardev(text string) (*Chardev, error) {
	o := &opts{spec: chardevSpec(), id: "c"}
	if err := parseDevice(o, text); err != nil {
		return nil, err
	}
	return buildChardev(o)
}

func TestDeviceKeys(t *testing.T) {
	for text, want := range map[string]string{
		"null":                     "backend=null",
		"pty":                      "backend=pty",
		"pty:/tmp/p":               "backend=pty path=/tmp/p",
		"stdio":                    "backend=stdio",
		"mon:stdio":                "mux=on signal=off backend=stdio",
		"mon:null":                 "mux=on backend=null",
		"vc":                       "backend=vc",
		"vc:800x600":               "backend=vc width=800 height=600",
		"vc:80Cx24C":               "backend=vc cols=80 rows=24",
		"file:/tmp/a,b":            "backend=file path=/tmp/a,b",
		"file:":                    "backend=file path=",
		"pipe:/tmp/p":              "backend=pipe path=/tmp/p",
		"/dev/ttyS0":               "backend=serial path=/dev/ttyS0",
		"unix:/tmp/s":              "backend=socket path=/tmp/s",
		"unix:/tmp/s,,x,server":    "backend=socket path=/tmp/s,x server=on",
		"unix:/s,server=on,nowait": "backend=socket path=/s server=on wait=off",
		"unix:":                    "backend=socket",
		"unix:,server=on":          "backend=socket path= server=on",
		"unix:path=/s":             "backend=socket path=/s",
		"tcp:h:1":                  "backend=socket host=h port=1",
		"tcp::0,server=on,nodelay": "backend=socket host= port=0 server=on delay=off",
		"tcp:[::1]:0":              "backend=socket host=[ port=:1]:0",
		"tcp:h:http,to=9":          "backend=socket host=h port=http to=9",
		"telnet:h:1,server=on":     "backend=socket host=h port=1 server=on telnet=on",
		"websocket:h:1,server=on":  "backend=socket host=h port=1 server=on websocket=on",
		"tn3270:h:1":               "backend=socket host=h port=1 tn3270=on",
		"udp:h:1":                  "backend=udp host=h port=1",
		"udp::1@:2":                "backend=udp host= port=1 localaddr= localport=2",
		"udp:h:1@l:2":              "backend=udp host=h port=1 localaddr=l localport=2",
	} {
		o := &opts{spec: chardevSpec()}
		if err := parseDevice(o, text); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		var items []string
		for _, it := range o.items {
			items = append(items, it.key+"="+it.value)
		}
		if got := strings.Join(items, " "); got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestDeviceErrors(t *testing.T) {
	for text, want := range map[string]string{
		"x":                                     "'x' is not a valid char driver",
		"":                                      "'' is not a valid char driver",
		"none":                                  "'none' is not a valid char driver",
		"mon:x":                                 "'x' is not a valid char driver",
		"stdio,x":                               "'stdio,x' is not a valid char driver",
		"UNIX:/x":                               "'UNIX:/x' is not a valid char driver",
		"tcp:":                                  "not a device string",
		"tcp:1":                                 "not a device string",
		"tcp:h:":                                "not a device string",
		"tcp:h:,server":                         "not a device string",
		"vc:1x":                                 "not a device string",
		"vc:x":                                  "not a device string",
		"vc:12345678x1":                         "not a device string",
		"udp:1":                                 "not a device string",
		"udp:h:1@2":                             "not a device string",
		"unix:/x,foo=1":                         "Invalid parameter 'foo'",
		"unix:/x,server=maybe":                  "Parameter 'server' expects 'on' or 'off'",
		"tcp:h:1,to=x":                          "Parameter 'to' expects a number",
		"unix:/x,help":                          "Invalid parameter 'help'",
		"unix:":                                 "Unable to parse FD number ",
		"unix:/x,fd=1":                          "None or one of 'path', 'fd' or 'host' option required.",
		"unix:/x,wait=on":                       "'wait' option is incompatible with socket in client connect mode",
		"unix:/x,server,reconnect=1":            "'reconnect' option is incompatible with socket in server listen mode",
		"tcp:h:1,reconnect=1,reconnect-ms=5":    "'reconnect' and 'reconnect-ms' are mutually exclusive",
		"tcp:h:1,delay,nodelay=on":              "'delay' and 'nodelay' are mutually exclusive",
		"websocket:h:1":                         "Websocket client is not implemented",
		"tcp:h:1,tls-authz=a":                   "'tls_authz' option requires 'tls_creds' option",
		"tcp:" + strings.Repeat("h", 65) + ":1": "not a device string",
		"tcp:h:" + strings.Repeat("1", 33):      "not a device string",
		"unix:/" + strings.Repeat("x", 107):     "UNIX socket path '/" + strings.Repeat("x", 107) + "' is too long",
	} {
		_, err := asChardev(text)
		if err == nil || errText(err) != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// errText returns an error's text without its place.
func errText(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Text
	}
	return err.Error()
}

func FuzzDevice(f *testing.F) {
	for _, seed := range []string{
		"unix:/tmp/s,server=on,wait=off", "tcp::0,server,nowait,to=70000", "mon:stdio", "vc:80Cx24C", "udp:a:1@b:2",
		"chardev:c", "file:", "websocket:h:1,server,tls-creds=t,tls-authz=a", "unix:,,", "tcp:[::1]:0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := asChardev(text)
		if (c == nil) == (err == nil) {
			t.Fatalf("%q: %v, %v", text, c, err)
		}
		if c == nil {
			return
		}
		if c.Net != "" && c.Backend != "socket" && c.Backend != "udp" || c.Wait && !c.Server || c.Server && c.Reconnect > 0 {
			t.Fatalf("%q: contradictory %+v", text, c)
		}
		if len(c.Path) > len(text) || len(c.Host) > maxHost && !strings.Contains(text, "host=") {
			t.Fatalf("%q: grew to %+v", text, c)
		}
		_ = fmt.Sprint(c)
	})
}
