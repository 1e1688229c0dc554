package disks

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
)

// What is written to a drive with snapshot=on is read there, and forgotten with it.
func TestTemporaryDrive(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for _, inactive := range []bool{false, true} {
		path := imageFile(t, 1<<20)
		g := &block.Graph{}
		if inactive {
			if err := g.Inactivate(); err != nil {
				t.Fatal(err)
			}
		}
		s := New(g, func(text string) { t.Error(text) })
		o := driveOptions(t, path, "node-name=base,format=raw")
		if err := s.AddDrive(Drive{ID: "d", Bus: "none", Temporary: true, Options: o}); err != nil {
			t.Fatal(err)
		}
		if err := g.Activate(); err != nil {
			t.Fatal(err)
		}
		if got := do(t, s, "d", "write -q -P 7 1000 70k"); got != "" {
			t.Error(got)
		}
		for _, command := range []string{"read -q -P 7 1000 70k", "read -q -P 0 0 1000", "read -q -P 0 100k 900k"} {
			if got := do(t, s, "d", command); got != "" {
				t.Errorf("%s: %s", command, got)
			}
		}
		if got := do(t, s, "base", "write -q 0 512"); got != "Block node is read-only\n" {
			t.Errorf("beneath: %q", got)
		}
		list, err := s.QueryBlock(t.Context())
		if err != nil || list[0].Inserted.Drv != "qcow2" || list[0].Inserted.Ro || *list[0].Inserted.BackingFile != path {
			t.Errorf("%+v, %v", list, err)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		if content, err := os.ReadFile(path); err != nil || len(bytes.Trim(content, "\x00")) > 0 {
			t.Errorf("the image was written, or %v", err)
		}
		if left, err := filepath.Glob(dir + "/vl.*"); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
}

// An image can be left to others while its node stays, and taken back.
func TestSetActive(t *testing.T) {
	s := New(&block.Graph{}, func(text string) { t.Error(text) })
	t.Cleanup(func() { s.Graph().Close() })
	path := imageFile(t, 64<<10)
	add(t, s, `{"driver": "file", "node-name": "f", "active": false, "filename": "`+path+`"}`)
	add(t, s, `{"driver": "file", "node-name": "again", "filename": "`+path+`"}`) // which takes the lock
	set := func(name string, active bool, want string) {
		t.Helper()
		args := &qapi.BlockdevSetActiveArgs{NodeName: &name, Active: active}
		if name == "" {
			args.NodeName = nil
		}
		got := ""
		if err := s.BlockdevSetActive(t.Context(), args); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s %v: %q, want %q", name, active, got, want)
		}
	}
	set("nope", true, "Failed to find node with node-name='nope'")
	set("f", true, `Failed to get "write" lock`)
	set("again", false, "")
	set("again", false, "")
	set("f", true, "")
	add(t, s, `{"driver": "raw", "node-name": "r", "file": "f"}`)
	set("f", false, "Node has active parent node")
	set("r", false, "")
	if n := s.Graph().Node("f"); !n.Inactive() {
		t.Error("what is beneath stays active")
	}
	if got := do(t, s, "r", "write -q 0 512"); got != "write failed: Operation not permitted\n" {
		t.Errorf("inactive: %q", got)
	}
	set("r", true, "")
	s.Graph().Attach("r", "dev", &block.Stats{})
	set("", false, "")
	set("again", true, "")
	set("", true, `Failed to get "write" lock`)
	set("again", false, "")
	set("", true, "")
	if got := do(t, s, "r", "write -q 0 512"); got != "" {
		t.Errorf("active: %q", got)
	}
}

// Options that do not fit together, and readers that do not mind writers.
func TestNodeOptions(t *testing.T) {
	s := newSet(t)
	path := imageFile(t, 64<<10)
	add(t, s, `{"driver": "file", "node-name": "w", "filename": "`+path+`"}`)
	add(t, s, `{"driver": "raw", "node-name": "r", "read-only": true, "force-share": true, "file": {"driver": "file", "filename": "`+path+`"}}`)
	for options, want := range map[string]string{
		"driver=file,force-share=on":                       "force-share=on can only be used with read-only images",
		"driver=file,aio=native":                           "aio=native was specified, but it requires cache.direct=on, which was not specified.",
		"driver=file,detect-zeroes=unmap":                  "setting detect-zeroes to unmap is not allowed without setting discard operation to unmap",
		"driver=file,read-only=on":                         `Failed to get shared "write" lock`,
		"driver=file,drop-cache=maybe":                     "Parameter 'drop-cache' expects 'on' or 'off'",
		"driver=file,active=maybe":                         "Parameter 'active' expects 'on' or 'off'",
		"driver=file,pr-manager=x":                         "Parameter 'pr-manager' is unexpected",
		"driver=file,active=off,node-name=i":               "",
		"driver=raw,file=w,overlap-check=all":              "Parameter 'overlap-check' is unexpected",
		"driver=qcow2,file=w,l2-cache-size=x":              "Parameter 'l2-cache-size' expects integer",
		"driver=qcow2,file=w,overlap-check=some":           "Parameter 'overlap-check' does not accept value 'some'",
		"driver=qcow2,file=w,cache-size=1,l2-cache-size=2": "l2-cache-size may not exceed cache-size",
	} {
		props := keys(options)
		if driver, _ := props.Get("driver"); driver == "file" {
			props.Set("filename", path)
		}
		if !props.Has("node-name") {
			props.Set("node-name", "n")
		}
		o, err := Options(props, true)
		if err == nil {
			err = s.BlockdevAdd(t.Context(), o)
		}
		if got := ""; err != nil && err.Error() != want || err == nil && got != want {
			t.Errorf("%s: %v, want %s", options, err, want)
		}
	}
	add(t, s, `{"driver": "file", "node-name": "off", "active": false, "filename": "`+path+`"}`)
	o, err := Options(keys("driver=raw,node-name=on,file=off"), true)
	if err == nil {
		err = s.BlockdevAdd(t.Context(), o)
	}
	if err == nil || err.Error() != "Inactive 'off' can't be a file child of active 'on'" {
		t.Errorf("on top of an inactive node: %v", err)
	}
}

// Limits of a drive are read as QEMU does, and taken out of what describes its nodes.
func TestThrottling(t *testing.T) {
	for text, want := range map[string]string{
		"iops=100,bps_rd=5,group=g":    "",
		"throttling.iops-total=100":    "",
		"iops=x":                       "Parameter 'throttling.iops-total' expects a number",
		"iops=100,iops_rd=5":           "bps/iops/max total values and read/write values cannot be used at the same time",
		"bps=100,bps_max=5":            "bps_max/iops_max cannot be lower than bps/iops",
		"bps_max=5":                    "bps_max/iops_max require corresponding bps/iops values",
		"iops_size=4":                  "iops size requires an iops value to be set",
		"throttling.iops-bogus=100":    "left",
		"throttling.bps-total-max-x=1": "left",
	} {
		rest, limited, err := Throttling(keys(text))
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case rest.Len() > 0:
			got = "left"
		case !limited:
			got = "no limits"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// How accesses of a drive are counted.
func TestAccounting(t *testing.T) {
	for text, want := range map[string]string{
		"file=x": "", "stats-intervals.0=5,stats-intervals.1=60": "",
		"stats-intervals.0=x": "Invalid interval length: x",
		"stats-intervals.0=0": "Invalid interval length: 0",
		"stats-intervals.1=5": "Invalid option stats-intervals.1",
		"stats-intervals.x=5": "Invalid option stats-intervals.x",
	} {
		a, err := AccountingOf(keys(text))
		if got := ""; err != nil && err.Error() != want || err == nil && got != want || a.IgnoreInvalid || a.IgnoreFailed {
			t.Errorf("%s: %+v, %v, want %s", text, a, err, want)
		}
	}
	a, err := AccountingOf(keys("stats-account-invalid=off,stats-account-failed=off"))
	if err != nil || !a.IgnoreInvalid || !a.IgnoreFailed {
		t.Errorf("%+v, %v", a, err)
	}
	s := New(&block.Graph{}, func(text string) { t.Error(text) })
	t.Cleanup(func() { s.Graph().Close() })
	o := driveOptions(t, imageFile(t, 1<<20), "format=raw")
	if err := s.AddDrive(Drive{ID: "d", Bus: "none", Options: o, IgnoreInvalid: true, IgnoreFailed: true}); err != nil {
		t.Fatal(err)
	}
	do(t, s, "d", "aio_read -i 0 512")
	do(t, s, "d", "aio_read -q 1M 512")
	list, err := s.QueryBlockstats(t.Context(), &qapi.QueryBlockstatsArgs{})
	if err != nil {
		t.Fatal(err)
	}
	got := list[0].Stats
	if got.AccountInvalid || got.AccountFailed || got.InvalidRdOperations != 1 || got.FailedRdOperations != 1 || got.RdTotalTimeNs != 0 || got.IdleTimeNs != nil {
		t.Errorf("%+v", got)
	}
}
