package disks

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// newSet has a drive d0 of 1 MiB, whose node is n0, and a node n1 of 64 KiB.
func newSet(t *testing.T) *Set {
	t.Helper()
	s := New(&block.Graph{}, func(text string) { t.Log(text) })
	t.Cleanup(func() { s.Graph().Close() })
	if err := s.AddDrive(Drive{ID: "d0", Bus: "none", Options: driveOptions(t, imageFile(t, 1<<20), "node-name=n0,format=raw")}); err != nil {
		t.Fatal(err)
	}
	add(t, s, `{"driver": "file", "node-name": "n1", "filename": "`+imageFile(t, 64<<10)+`"}`)
	return s
}

func imageFile(t *testing.T, size int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "disk")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
	return path
}

func keys(text string) *qobject.Dict {
	d := qobject.NewDict()
	for item := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(item, "=")
		d.Set(key, value)
	}
	return d
}

func driveOptions(t *testing.T, file, text string) *qapi.BlockdevOptions {
	t.Helper()
	o, err := DriveOptions(keys("file="+file+","+text), false)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func add(t *testing.T, s *Set, json string) {
	t.Helper()
	value, err := qobject.Parse(json)
	if err != nil {
		t.Fatal(err)
	}
	o, err := Options(value.(*qobject.Dict), false)
	if err == nil {
		err = s.BlockdevAdd(context.Background(), o)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func do(t *testing.T, s *Set, name, command string) string {
	t.Helper()
	var out strings.Builder
	if err := s.IO(name, false, command, &out); err != nil {
		return "error: " + err.Error()
	}
	return out.String()
}

// What a command of qemu-io writes is there, and so is what it says of it.
func TestIO(t *testing.T) {
	s := newSet(t)
	for _, c := range []struct{ name, command, want string }{
		{"d0", "write -P 7 1k 513", "wrote 513/513 bytes at offset 1024\n513 bytes, 1 ops; "},
		{"n0", "read -P 7 1024 513", "read 513/513 bytes at offset 1024\n513 bytes, 1 ops; "},
		{"n0", "read -q -P 7 1024 514", "Pattern verification failed at offset 1024, 514 bytes\n"},
		{"n0", "read -q -P 7 -s 1 -l 512 1024 514", ""},
		{"n0", "read -q -P 7 -s 600 1024 514", "pattern verification range exceeds end of read data\n"},
		{"n0", "write -zq 1024 1M", "write failed: Input/output error\n"},
		{"n0", "write -z -q 1024 512", ""},
		{"n0", "read -q -P 0 1k 512", ""},
		{"n0", "read -v 1530 7", "000005fa:  00 00 00 00 00 00 07  .......\nread 7/7 bytes at offset 1530\n7 bytes, 1 ops; "},
		{"n0", "write -P 256 0 1", "256 is not a valid pattern byte\n"},
		{"n0", "write -x 0 1", "write [-fqz] [-P pattern] off len -- writes a number of bytes at a specified offset\n"},
		{"n0", "write -q 0 x", "Parsing error: non-numeric argument, or extraneous/unrecognized suffix -- x\n"},
		{"n0", "write 0", "bad argument count 1 to write, expected at least 2 arguments\n"},
		{"n0", "write -q 0 300M", "length cannot exceed 268435456, given 300M\n"},
		{"n0", "length", "1 MiB\n"},
		{"n0", "bogus", "command \"bogus\" not found\n"},
		{"n0", "", ""},
		{"nope", "read 0 1", "error: Cannot find device='' nor node-name='nope'"},
	} {
		if got := do(t, s, c.name, c.command); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s %q: %q, want %q", c.name, c.command, got, c.want)
		}
	}
	_ = s.Graph().Inactivate()
	if got := do(t, s, "n0", "write 0 1"); got != "write failed: Operation not permitted\n" {
		t.Errorf("another machine's disk: %q", got)
	}
}

// A node is open only as long as something is on it.
func TestNodesComeAndGo(t *testing.T) {
	s := newSet(t)
	ctx := t.Context()
	add(t, s, `{"driver": "raw", "node-name": "r", "file": "n1"}`)
	del := func(name string) string {
		if err := s.BlockdevDel(ctx, &qapi.BlockdevDelArgs{NodeName: name}); err != nil {
			return err.Error()
		}
		return ""
	}
	moving := block.NewBitmap("moving", 512, 64<<10)
	s.Graph().Node("n1").AddBitmap(moving)
	for _, c := range [][2]string{
		{"n1", "Block device n1 is in use"}, {"n0", "Node n0 is in use"}, {"r", ""}, {"busy", ""}, {"n1", "Block device n1 is in use"},
		{"idle", ""}, {"n1", ""}, {"n1", "Failed to find node with node-name='n1'"},
	} {
		if c[0] == "busy" || c[0] == "idle" { // as while it migrates
			moving.SetState(func(st *block.State) { st.Busy = c[0] == "busy" })
			continue
		}
		if got := del(c[0]); got != c[1] {
			t.Errorf("%s: %q, want %q", c[0], got, c[1])
		}
	}
	if n := len(s.Graph().Nodes()); n != 2 || len(s.nodes) != 2 {
		t.Errorf("%d nodes, %d kept settings", n, len(s.nodes))
	}
}

// A transaction that fails leaves everything as it was, bits included.
func TestTransactionIsUndone(t *testing.T) {
	s := newSet(t)
	ctx := t.Context()
	for _, name := range []string{"a", "b"} {
		if err := s.BlockDirtyBitmapAdd(ctx, &qapi.BlockDirtyBitmapAdd{Node: "d0", Name: name, Granularity: new(uint32(4096))}); err != nil {
			t.Fatal(err)
		}
		do(t, s, "d0", "write -q 8k 64k")
	}
	n := s.Graph().Node("n0")
	before := n.Bitmap("a").SHA256() + n.Bitmap("b").SHA256()
	a := qapi.BlockDirtyBitmap{Node: "n0", Name: "a"}
	err := s.Transaction(ctx, &qapi.TransactionArgs{Actions: []qapi.TransactionAction{
		{Type: qapi.TransactionActionKindBlockDirtyBitmapMerge, BlockDirtyBitmapMerge: &qapi.BlockDirtyBitmapMergeWrapper{
			Data: qapi.BlockDirtyBitmapMerge{Node: "n0", Target: "b", Bitmaps: []qapi.BlockDirtyBitmapOrStr{{Local: new("a")}}},
		}},
		{Type: qapi.TransactionActionKindBlockDirtyBitmapDisable, BlockDirtyBitmapDisable: &qapi.BlockDirtyBitmapWrapper{Data: a}},
		{Type: qapi.TransactionActionKindBlockDirtyBitmapClear, BlockDirtyBitmapClear: &qapi.BlockDirtyBitmapWrapper{Data: a}},
		{Type: qapi.TransactionActionKindBlockDirtyBitmapRemove, BlockDirtyBitmapRemove: &qapi.BlockDirtyBitmapWrapper{Data: a}},
		{Type: qapi.TransactionActionKindBlockDirtyBitmapAdd, BlockDirtyBitmapAdd: &qapi.BlockDirtyBitmapAddWrapper{
			Data: qapi.BlockDirtyBitmapAdd{Node: "n1", Name: "new"},
		}},
		{Type: qapi.TransactionActionKindAbort, Abort: &qapi.AbortWrapper{}},
	}})
	if err == nil || err.Error() != "Transaction aborted using Abort action" {
		t.Fatal(err)
	}
	if got := n.Bitmap("a").SHA256() + n.Bitmap("b").SHA256(); got != before {
		t.Errorf("bits are %s, were %s", got, before)
	}
	if !n.Bitmap("a").State().Enabled || s.Graph().Node("n1").Bitmap("new") != nil {
		t.Error("something stayed")
	}
}

// Bitmaps that are in use, or not whole, are refused.
func TestBitmapsThatCannotBeChanged(t *testing.T) {
	s := newSet(t)
	ctx := t.Context()
	args := &qapi.BlockDirtyBitmap{Node: "n0", Name: "a"}
	if err := s.BlockDirtyBitmapAdd(ctx, &qapi.BlockDirtyBitmapAdd{Node: "n0", Name: "a"}); err != nil {
		t.Fatal(err)
	}
	b := s.Graph().Node("n0").Bitmap("a")
	for _, c := range []struct {
		state  block.State
		want   string
		remove bool
	}{
		{block.State{Busy: true}, "Bitmap 'a' is currently in use by another operation and cannot be used", false},
		{block.State{Inconsistent: true}, "Bitmap 'a' is inconsistent and cannot be used", true},
	} {
		b.SetState(func(st *block.State) { *st = c.state })
		for name, err := range map[string]error{
			"clear": s.BlockDirtyBitmapClear(ctx, args), "enable": s.BlockDirtyBitmapEnable(ctx, args),
			"merge": s.BlockDirtyBitmapMerge(ctx, &qapi.BlockDirtyBitmapMerge{Node: "n0", Target: "a",
				Bitmaps: []qapi.BlockDirtyBitmapOrStr{{Local: new("a")}}}),
		} {
			if err == nil || err.Error() != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		if err := s.BlockDirtyBitmapRemove(ctx, args); (err == nil) != c.remove {
			t.Errorf("remove: %v", err)
		}
	}
}

// What -drive says, as a description of nodes.
func TestDriveOptions(t *testing.T) {
	file := imageFile(t, 512)
	for _, c := range []struct {
		keys  string
		cdrom bool
		want  string
	}{
		{"if=none,id=x", false, ""},
		{"file=" + file + ",format=raw,if=ide,index=0", false, `{"driver": "raw", "cache": {"direct": false, "no-flush": false}, ` +
			`"read-only": false, "auto-read-only": true, "file": {"driver": "file", "filename": "F"}}`},
		{"file=" + file, true, `{"driver": "", "cache": {"direct": false, "no-flush": false}, "read-only": true, "auto-read-only": true}`},
		{"file=file:" + file + ",format=qcow2,cache=none,file.locking=off,aio=native,node-name=n", false,
			`{"driver": "qcow2", "node-name": "n", "cache": {"direct": true, "no-flush": false}, "read-only": false, "auto-read-only": true, ` +
				`"file": {"driver": "file", "filename": "F", "locking": "off", "aio": "native"}}`},
		{"driver=null-co,size=1M", false, `{"driver": "null-co", "cache": {"direct": false, "no-flush": false}, ` +
			`"read-only": false, "auto-read-only": true, "size": 1048576}`},
		{"file.driver=null-co", false, `{"driver": "", "cache": {"direct": false, "no-flush": false}, "read-only": false, "auto-read-only": true}`},
		{"file=json:{'driver':'null-co'}", false, `{"driver": "null-co"}`},
		{"file=x,format=raw,driver=raw", false, "Cannot specify both 'driver' and 'format'"},
		{"format=raw", false, "A block device must be specified for \"file\""},
		{"file=x,format=raw,aio=bogus", false, "invalid aio option"},
		{"file=x,format=raw,detect-zeroes=maybe", false, "invalid parameter value: maybe"},
		{"file=x,format=raw,file.locking=maybe", false, "invalid parameter value: maybe"},
		{"file=x,format=raw,cache.bogus=on", false, "Block format 'raw' does not support the option 'cache.bogus'"},
		{"file=x,format=raw,stats-bogus=on", false, "Block format 'raw' does not support the option 'stats-bogus'"},
		{"file=x,format=qcow2,lazy-refcounts=maybe", false, "Parameter 'lazy-refcounts' expects 'on' or 'off'"},
		{"file=x,format=qcow2,overlap-check.bogus=all", false, "Parameter 'overlap-check.bogus' is unexpected"},
		{"file=nbd:x", false, "The block driver 'nbd' is not supported yet by this build"},
		{"file=x,format=vmdk", false, "The block driver 'vmdk' is not supported yet by this build"},
		{"file=x:y", false, "Unknown protocol 'x'"},
		{"node-name=n", false, "Must specify either driver or file"},
		{"file=json:[1]", false, "Invalid JSON object given"},
		{"file=x,format=raw,foo=1", false, "Block format 'raw' does not support the option 'foo'"},
		{"file=x,file.foo=1", false, "Block protocol 'file' doesn't support the option 'foo'"},
		{"driver=null-co,size=x", false, "Parameter 'size' expects integer"},
		{"file=x,cache.direct=x", false, "Parameter 'cache.direct' expects 'on' or 'off'"},
	} {
		o, err := DriveOptions(keys(c.keys), c.cdrom)
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case o != nil:
			got = strings.ReplaceAll(string(o.AppendJSON(nil)), file, "F")
		}
		if got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.keys, got, c.want)
		}
	}
}

// A drive has one device.
func TestAttach(t *testing.T) {
	s := newSet(t)
	if err := s.AddDrive(Drive{ID: "ide0-hd0", Bus: "ide", Device: "/machine/unattached/device[1]", Options: driveOptions(t, imageFile(t, 512), "format=raw")}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddDrive(Drive{ID: "empty", Bus: "none"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		drive, want string
	}{
		{"d0", ""}, {"d0", "Drive 'd0' is already in use by another device"}, {"n1", ""},
		{"ide0-hd0", "Drive 'ide0-hd0' is already in use because it has been automatically connected to another device" +
			" (did you need 'if=none' in the drive options?)"},
		{"nope", "Property 'ide-hd.drive' can't find value 'nope'"},
		{"empty", "Device needs media, but drive is empty"},
	} {
		err := s.Attach(Device{Type: "ide-hd", Path: "dev", Drive: c.drive})
		if (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.drive, err, c.want)
		}
	}
	list, _ := s.QueryBlock(t.Context())
	if len(list) != 4 || *list[0].Qdev != "dev" || list[2].Inserted != nil || list[3].Device != "" || *list[3].Inserted.NodeName != "n1" {
		t.Errorf("%+v", list)
	}
	if b := s.Graph().Backends(); len(b) != 3 || b[0].Device != "dev" || b[2].Name != "" || b[2].Node.Name() != "n1" {
		t.Errorf("%+v", b)
	}
}
