package cmdline

import (
	"math"
	"reflect"
	"testing"
	"time"
)

func TestChardevs(t *testing.T) {
	for _, row := range []struct {
		text string
		want Chardev
	}{
		{"stdio,id=c", Chardev{Backend: "stdio", Signal: true}},
		{"stdio,id=c,signal=off,mux=on", Chardev{Backend: "stdio", Mux: true}},
		{"null,id=c,logfile=/l,logappend=on", Chardev{Backend: "null", LogFile: "/l", LogAppend: true}},
		{"file,id=c,path=/f,append=on,input-path=/i", Chardev{Backend: "file", Path: "/f", Append: true, Input: "/i"}},
		{"pipe,id=c,path=/f", Chardev{Backend: "pipe", Path: "/f"}},
		{"pty,id=c", Chardev{Backend: "pty"}},
		{"ringbuf,id=c", Chardev{Backend: "ringbuf", Size: 65536}},
		{"ringbuf,id=c,size=1M", Chardev{Backend: "ringbuf", Size: 1 << 20}},
		{"serial,id=c,path=/dev/ttyS0", Chardev{Backend: "serial", Path: "/dev/ttyS0"}},
		{"vc,id=c,width=640,height=480", Chardev{Backend: "vc"}},
		{"udp,id=c,port=1,localport=2", Chardev{Backend: "udp", Net: NetUDP, Port: "1", LocalPort: "2"}},
		{"socket,id=c,path=/s", Chardev{Backend: "socket", Net: NetUnix, Path: "/s", Tight: true}},
		{"socket,id=c,path=/s,server=on",
			Chardev{Backend: "socket", Net: NetUnix, Path: "/s", Tight: true, Server: true, Wait: true}},
		{"socket,id=c,path=,server=on,wait=off",
			Chardev{Backend: "socket", Net: NetUnix, Tight: true, Server: true}},
		{"socket,id=c,path=s,abstract=on,tight=off", Chardev{Backend: "socket", Net: NetUnix, Path: "s", Abstract: true}},
		{"socket,id=c,path=/s,reconnect=5",
			Chardev{Backend: "socket", Net: NetUnix, Path: "/s", Tight: true, Reconnect: 5 * time.Second}},
		{"socket,id=c,path=/s,reconnect-ms=5",
			Chardev{Backend: "socket", Net: NetUnix, Path: "/s", Tight: true, Reconnect: 5 * time.Millisecond}},
		{"socket,id=c,path=/s,reconnect=18446744073709551615",
			Chardev{Backend: "socket", Net: NetUnix, Path: "/s", Tight: true, Reconnect: math.MaxInt64}},
		{"socket,id=c,host=h,port=1,server=on,wait=off,to=9,ipv4=on,ipv6=off,nodelay=on", Chardev{
			Backend: "socket", Net: NetTCP, Host: "h", Port: "1", Server: true, To: 9,
			IPv4: new(true), IPv6: new(false), NoDelay: true,
		}},
		{"socket,id=c,host=,port=0,delay=off,telnet=on,tls-creds=t,tls-authz=a", Chardev{
			Backend: "socket", Net: NetTCP, Port: "0", NoDelay: true, Telnet: true, TLSCreds: "t", TLSAuthz: "a",
		}},
		{"socket,id=c,fd=28,server=on,wait=off", Chardev{Backend: "socket", Net: NetFD, FD: 28, Server: true}},
	} {
		cfg := parsed(t, "-chardev "+row.text)
		if len(cfg.Chardevs) != 1 {
			t.Fatalf("%s: %d devices", row.text, len(cfg.Chardevs))
		}
		got := *cfg.Chardevs[0]
		row.want.ID = "c"
		row.want.Where = Origin{Option: "-chardev", Value: row.text, HasValue: true}
		if row.want.Net != NetFD {
			row.want.FD = -1
		}
		if !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", row.text, got, row.want)
		}
	}
}

func TestChardevErrors(t *testing.T) {
	checkBad(t, []badLine{
		{"-chardev bogus,id=c", "@: 'bogus' is not a valid char driver name"},
		{"-chardev {}", "@: chardev: no id specified"},
		{"-chardev socket,path=/x", "@: chardev: no id specified"},
		{"-chardev ''", "@: chardev: no id specified"},
		{"-chardev id=c", `@: chardev: "c" missing backend`},
		{"-chardev null,id=1c", "@: Parameter 'id' expects an identifier\n" +
			"Identifiers consist of letters, digits, '-', '.', '_', starting with a letter."},
		{"-chardev null,id=c -chardev null,id=c", "@: Duplicate ID 'c' for chardev"},
		{"-chardev socket,id=c", "@: Unable to parse FD number "},
		{"-chardev socket,id=c,fd=x", "@: Unable to parse FD number x"},
		{"-chardev socket,id=c,fd=-1", "@: File descriptor '-1' is not a socket"},
		{"-chardev socket,id=c,host=h", "@: chardev: socket: no port given"},
		{"-chardev socket,id=c,path=/x,host=h,port=1", "@: None or one of 'path', 'fd' or 'host' option required."},
		{"-chardev socket,id=c,path=/x,fd=3", "@: None or one of 'path', 'fd' or 'host' option required."},
		{"-chardev socket,id=c,host=h,fd=3", "@: None or one of 'path', 'fd' or 'host' option required."},
		{"-chardev socket,id=c,path=/x,server=maybe", "@: Parameter 'server' expects 'on' or 'off'"},
		{"-chardev socket,id=c,path=/x,foo=1", "@: Invalid parameter 'foo'"},
		{"-chardev socket,id=c,path=/x,to=x", "@: Parameter 'to' expects a number"},
		{"-chardev socket,id=c,fd=3,reconnect=1", "@: 'reconnect' option is incompatible with 'fd' address type"},
		{"-chardev socket,id=c,path=/x,server=on,reconnect=0",
			"@: 'reconnect' option is incompatible with socket in server listen mode"},
		{"-chardev hub,id=c", "@: character device backend 'hub' is not supported yet by this build"},
		{"-chardev socket,id=c,path=/x,wait=off", "@: 'wait' option is incompatible with socket in client connect mode"},
		{"-chardev socket,id=c,path=/x,delay=on,nodelay=on", "@: 'delay' and 'nodelay' are mutually exclusive"},
		{"-chardev file,id=c", "@: chardev: file: no filename given"},
		{"-chardev pipe,id=c", "@: chardev: pipe: no device path given"},
		{"-chardev udp,id=c", "@: chardev: udp: remote port not specified"},
		{"-chardev serial,id=c", "@: chardev: serial/tty: no device path given"},
		{"-chardev ringbuf,id=c,size=3", "@: size of ringbuf chardev must be power of two"},
		{"-chardev ringbuf,id=c,size=2G", "@: size of ringbuf chardev must not exceed 1073741824 bytes"},
		{"-chardev ringbuf,id=c,size=-1", "@: Value '-1' is out of range for parameter 'size'"},
		{"-chardev stdio,id=a -chardev stdio,id=b", "@: cannot use stdio by multiple character devices"},
		{"-daemonize -chardev stdio,id=a", "@: cannot use stdio with -daemonize"},
	})
}

func TestChardevSwitchesWarn(t *testing.T) {
	_, warnings, err := Parse("PROG", words("-chardev socket,id=c,path=/x,server,nowait"))
	if err != nil || len(warnings) != 2 {
		t.Fatalf("%v, %d warnings", err, len(warnings))
	}
	const place = "PROG: -chardev socket,id=c,path=/x,server,nowait: warning: "
	for i, want := range []string{
		place + "short-form boolean option 'server' deprecated\nPlease use server=on instead\n",
		place + "short-form boolean option 'nowait' deprecated\nPlease use wait=off instead\n",
	} {
		if got := warnings[i].Render("PROG"); got != want {
			t.Errorf("warning %d:\n got %q\nwant %q", i, got, want)
		}
	}
}

func TestChardevString(t *testing.T) {
	for text, want := range map[string]string{
		"unix:/s,server": "unix:/s", "tcp:h:1": "tcp:h:1", "udp:h:1": "udp:h:1", "file:/f": "file:/f", "stdio": "stdio",
	} {
		c, err := asChardev(text)
		if err != nil || c.String() != want {
			t.Errorf("%s: %v %v", text, c, err)
		}
	}
}

func TestChardevHelp(t *testing.T) {
	exit := printed(t, "-chardev help")
	const want = "Available chardev backend types: \n  file\n  memory\n"
	if exit.Status != 0 || exit.Text[:len(want)] != want {
		t.Errorf("status %d, %q", exit.Status, exit.Text)
	}
}
