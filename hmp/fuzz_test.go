package hmp

import (
	"context"
	"math"
	"strings"
	"testing"

	"qmpmigrate/hmp/syntax"
	"qmpmigrate/qapi"
)

// completing is a machine that knows what completion asks for.
type completing struct{ Commands }

func (completing) QomList(context.Context, *qapi.QomListArgs) ([]qapi.ObjectPropertyInfo, error) {
	return []qapi.ObjectPropertyInfo{{Name: "obj0", Type: "child<secret>"}, {Name: "type", Type: "string"}}, nil
}

func (completing) QueryChardev(context.Context) ([]qapi.ChardevInfo, error) {
	return []qapi.ChardevInfo{{Label: "ring0", Filename: "ringbuf"}, {Label: "c0", Filename: "null"}}, nil
}

func (completing) TraceEventGetState(_ context.Context, args *qapi.TraceEventGetStateArgs) ([]qapi.TraceEventInfo, error) {
	return []qapi.TraceEventInfo{{Name: strings.TrimSuffix(args.Name, "*") + "_event"}}, nil
}

// asked is a call on a machine with a page of memory.
func asked() *call {
	format := syntax.DefaultFormat()
	s := New(Config{Commands: completing{}, ReadMemory: func(_ context.Context, addr uint64, p []byte) error {
		if addr >= 4096 || uint64(len(p)) > 4096-addr {
			return qapi.Errorf("no memory at %#x", addr)
		}
		return nil
	}})
	return &call{server: s, ctx: context.Background(), out: new(output), shell: &shell{format: &format}}
}

// FuzzParse reads any line as the table says: what is accepted has all that the command needs, as it needs it. It
// completes the line, too, and carries out what prints and changes nothing.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "\x00", "info", "info migrate -a", "info trace-events nam", "migrate -d -b tcp:0:1", "migrate_set_parameter max-bandwidth 1G", "cpu 0x100000000",
		"xp/4xg 4096-32", "xp /2147483647c (0)", "xp/8i 0", "p/c 'a'", `pmemsave 0 16 "a b`, "sum -1 -1", "print ~0 ", "? info", "help migr",
		"loadvm \x00x", "object_del ", "trace-event x on", "ringbuf_read ring0 99999999999999999999", "hostfwd_add -x", "stop extra",
		"screendump -f png /dev/nul", "drive_add -n 0 if=none", "qemu-io -d d \"read 0 512\"", "chardev-add \t", "dump-guest-memory -p /",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		c := asked()
		s := syntax.NewScanner(line)
		if command := c.lookUp(s, c.server.table); command != nil {
			args, err := c.parse(s, command)
			if err == nil {
				checkArguments(t, line, command, args)
			} else if err.Error() == "" {
				t.Errorf("%q: an error without a text", line)
			}
			switch command.names()[0] {
			case "help", "print", "xp":
				c.execute(line)
			}
		}
		if c.out.text.Len() > 2*maxOutput {
			t.Errorf("%q prints %d bytes", line, c.out.text.Len())
		}
		if strings.ContainsRune(line, '/') {
			return // files have names as they like
		}
		list, typed := c.candidates(line)
		for _, name := range list {
			if typed < 0 || typed > len(name) || typed > len(line) {
				t.Errorf("%q goes on with %q behind %d bytes", line, name, typed)
			}
		}
	})
}

// checkArguments looks whether a command can rely on what it gets.
func checkArguments(t *testing.T, line string, command *command, args arguments) {
	for _, a := range command.args {
		v, ok := args[a.name]
		if !ok {
			if !a.optional && !a.dotted && a.kind != '-' {
				t.Errorf("%q: %s is missing", line, a.name)
			}
			continue
		}
		fits := false
		switch a.kind {
		case 's', 'F', 'B', 'S':
			var text string
			text, fits = v.(string)
			fits = fits && !strings.Contains(text, "\x00")
		case 'i':
			var n int64
			n, fits = v.(int64)
			fits = fits && n >= 0 && n <= math.MaxUint32
		case 'l', 'M':
			_, fits = v.(int64)
		case 'o':
			var n int64
			n, fits = v.(int64)
			fits = fits && n >= 0
		case 'T':
			_, fits = v.(float64)
		case 'b':
			_, fits = v.(bool)
		case '/':
			var format syntax.Format
			format, fits = v.(syntax.Format)
			fits = fits && strings.IndexByte("oduxic", format.Letter) >= 0
		case '-':
			if _, fits = v.(bool); a.valued {
				_, fits = v.(string)
			}
		}
		if !fits {
			t.Errorf("%q: %s is %#v", line, a.name, v)
		}
	}
}
