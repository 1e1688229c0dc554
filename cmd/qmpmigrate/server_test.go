package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qmpmigrate/cmd/qmpmigrate/conduct"
)

// Command lines that cannot work end with status 1 and one clear line.
func TestServerRefuses(t *testing.T) {
	folder := t.TempDir()
	for _, c := range []struct{ args, want string }{
		{"-machine nothing", `unsupported machine type: "nothing"`},
		{"-machine memtest,foo=1", "Property 'memtest-machine.foo' not found"},
		{"-machine adopt,rate=1 -incoming defer", "Property 'adopt-machine.rate' not found"},
		{"-machine adopt", "a machine of type 'adopt' needs -incoming, or -loadvm"},
		{"-machine memtest,workload=frob", "Parameter 'workload' does not accept value 'frob'"},
		{"-machine memtest,workload=stress,zero=101", "Parameter 'zero' expects a value between 0 and 100"},
		{"-machine memtest,workload=idle,rate=1", "Parameter 'rate' is unexpected"},
		{"-incoming bogus:1", "-incoming bogus:1: unknown migration protocol: bogus:1"},
		{"-incoming unix:" + folder + "/a/b", "Failed to bind socket to " + folder + "/a/b: No such file or directory"},
		{"-incoming file:" + folder + "/none", "Could not open '" + folder + "/none': No such file or directory"},
		{"-qmp unix:" + folder + "/a/b,server=on,wait=off", "Failed to bind socket to " + folder + "/a/b: No such file or directory"},
		{"-qmp unix:" + folder + "/none", "Failed to connect to '" + folder + "/none': No such file or directory"},
		{"-serial file:" + folder + "/a/b", "Could not open '" + folder + "/a/b': No such file or directory"},
		{"-qmp websocket:127.0.0.1:0,server=on", "'websocket' is not supported yet by this build"},
		{"-qmp tn3270:127.0.0.1:0,server=on", "'tn3270' is not supported yet by this build"},
		{"-qmp tcp:127.0.0.1:0,server=on,tls-creds=t", "No TLS credentials with id 't'"},
		{"-chardev null,id=c-base -chardev null,id=c,mux=on",
			"attempt to add duplicate property 'c-base' to object (type 'container')"},
		{"-pidfile " + folder + "/a/b", "cannot create PID file: Could not create '" + folder + "/a/b': No such file or directory"},
		{"-dump-vmstate x", "-dump-vmstate: not supported yet by this build"},
		{"-loadvm x", "no block device can store vmstate for snapshot"},
		{"-global migration.x-events=maybe", "Parameter 'x-events' expects 'on' or 'off'"},
		{"-object secret,id=s", "Either 'file' or 'data' must be provided"},
		{"-object memory-backend-ram,id=m,size=64M -numa node,memdev=m -m 128", "total memory for NUMA nodes (0x4000000) should equal RAM size (0x8000000)"},
		{"-numa node,memdev=m", "-numa node,memdev=m: memdev=m is ambiguous"},
		{"-mem-path " + folder + "/a/b", "can't open backing store " + folder + "/a/b for guest RAM: No such file or directory"},
		{"-run-with user=no:body", "User \"no:body\" doesn't exist (and is not <uid>:<gid>)"},
		{"-bogus", "-bogus: invalid option"},
	} {
		var out, errs bytes.Buffer
		status := serverMain("prog", strings.Fields(c.args), &out, &errs)
		first, _, _ := strings.Cut(errs.String(), "\n")
		if status != 1 || out.Len() != 0 || !strings.HasPrefix(first, "prog: ") || !strings.HasSuffix(first, c.want) {
			t.Errorf("%s: status %d, %q%q", c.args, status, out.String(), errs.String())
		}
	}
}

func TestServerTexts(t *testing.T) {
	for args, want := range map[string]string{
		"-version":              "QEMU emulator version 10.0.0 (qmpmigrate)\n",
		"-machine help":         "adopt ",
		"-machine memtest,help": "working-set=<value>",
		"-h":                    "usage: prog",
	} {
		var out, errs bytes.Buffer
		if status := serverMain("prog", strings.Fields(args), &out, &errs); status != 0 || !strings.Contains(out.String(), want) {
			t.Errorf("%s: status %d, %q%q", args, status, out.String(), errs.String())
		}
	}
}

// A server from its start to quit: files, monitors, the guest's voice.
func TestServerLife(t *testing.T) {
	for _, accel := range []string{"tcg", "soft", "uffd"} {
		t.Run(accel, func(t *testing.T) { serverLife(t, accel) })
	}
}

func serverLife(t *testing.T, accel string) {
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	var out, errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- serverMain("prog", []string{"-machine", "memtest", "-m", "8", "-name", "life", "-nodefaults", "-display", "none", "-accel", accel,
			"-serial", "file:" + path("serial"), "-pidfile", path("pid"),
			"-qmp", "unix:" + path("qmp") + ",server=on,wait=on"}, &out, &errs)
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var e *conduct.Endpoint
	for {
		var err error
		if e, err = conduct.Dial(ctx, "server", path("qmp")); err == nil {
			break
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	defer e.Close()
	var name struct{ Name string }
	if err := e.Execute(ctx, "query-name", nil, &name); err != nil || name.Name != "life" {
		t.Errorf("%+v, %v", name, err)
	}
	for {
		text, err := os.ReadFile(path("serial"))
		if err != nil || len(text) > 0 && text[0] != 'A' {
			t.Errorf("serial %q, %v", text, err)
		}
		if err != nil || len(text) > 0 || ctx.Err() != nil {
			break
		}
	}
	if err := e.Execute(ctx, "quit", nil, nil); err != nil {
		t.Error(err)
	}
	select {
	case status := <-ended:
		waiting := "prog: -qmp unix:" + path("qmp") + ",server=on,wait=on: info: QEMU waiting for connection on: " +
			"disconnected:unix:" + path("qmp") + ",server=on\n"
		if status != 0 || out.Len() != 0 || errs.String() != waiting {
			t.Errorf("status %d, %q%q", status, out.String(), errs.String())
		}
	case <-ctx.Done():
		t.Fatal("the server does not end")
	}
	for _, name := range []string{"qmp", "pid"} {
		if _, err := os.Stat(path(name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
}
