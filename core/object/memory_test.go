package object

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"qmpmigrate/core/memory"
)

func TestMemoryBackends(t *testing.T) {
	r := newRegistry(t)
	file := filepath.Join(t.TempDir(), "ram")
	const mib = 1 << 20
	for _, c := range []struct {
		props         string
		shared, named bool
	}{
		{`"qom-type": "memory-backend-ram"`, false, false},
		{`"qom-type": "memory-backend-ram", "share": true, "prealloc": true`, true, false},
		{`"qom-type": "memory-backend-shm"`, true, false},
		{`"qom-type": "memory-backend-memfd"`, true, false},
		{`"qom-type": "memory-backend-memfd", "share": false, "seal": false`, false, false},
		{`"qom-type": "memory-backend-file", "mem-path": "` + file + `", "share": true`, true, true},
		{`"qom-type": "memory-backend-file", "mem-path": "` + file + `"`, false, true},
		{`"qom-type": "memory-backend-file", "mem-path": "` + filepath.Dir(file) + `", "share": true`, true, true},
	} {
		mustAdd(t, r, `{"id": "m", "size": 1048576, `+c.props+`}`)
		m := get[*Memory](t, r, "m")
		b := m.Block()
		if b.Name() != "m" || b.Size() != mib || b.Shared() != (c.shared && c.named) {
			t.Errorf("%s: %s of %d, shared %v", c.props, b.Name(), b.Size(), b.Shared())
		}
		if info := m.Info(); info.Share != c.shared || *info.ID != "m" || info.Size != mib || !info.Merge {
			t.Errorf("%s: %+v", c.props, info)
		}
		b.Page(9)[0] = 1
		if err := r.Del("m"); err != nil {
			t.Error(err)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Size() != mib {
		t.Errorf("the file: %v, %v", info, err)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
		t.Errorf("in the folder: %v, %v", left, err)
	}
}

func TestMemoryOfOddSizeIsRoundedUp(t *testing.T) {
	r := newRegistry(t)
	mustAdd(t, r, `{"qom-type": "memory-backend-ram", "id": "m", "size": 5000, "x-use-canonical-path-for-ramblock-id": true}`)
	m := get[*Memory](t, r, "m")
	if m.Size() != 5000 || m.Block().Size() != 2*memory.PageSize || m.Block().Name() != "/objects/m" {
		t.Errorf("%d, %d, %s", m.Size(), m.Block().Size(), m.Block().Name())
	}
}

// The texts were taken from QEMU 10.0.
func TestMemoryThatCannotBe(t *testing.T) {
	r := newRegistry(t)
	dir := t.TempDir()
	small := filepath.Join(dir, "small")
	if err := os.WriteFile(small, make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	file := func(more string) string {
		return `"qom-type": "memory-backend-file", "size": 1048576, "mem-path": "` + dir + `/new"` + more
	}
	for props, want := range map[string]string{
		`"qom-type": "memory-backend-ram", "size": 0`:                                        "property 'size' of memory-backend-ram doesn't take value '0'",
		`"qom-type": "memory-backend-ram", "size": 4611686018427387904`:                      "cannot set up guest memory 'm': Cannot allocate memory",
		`"qom-type": "memory-backend-ram", "size": 18446744073709551615`:                     "cannot set up guest memory 'm': Cannot allocate memory",
		`"qom-type": "memory-backend-ram", "size": 4096, "prealloc": true, "reserve": false`: "'prealloc=on' and 'reserve=off' are incompatible",
		`"qom-type": "memory-backend-ram", "size": 4096, "prealloc-threads": 0`:              "property 'prealloc-threads' of memory-backend-ram doesn't take value '0'",
		`"qom-type": "memory-backend-ram", "size": 4096, "prealloc-context": "c"`:            "Device 'c' not found",
		`"qom-type": "memory-backend-ram", "size": 4096, "policy": "bind"`:                   "host-nodes must be set for policy bind",
		`"qom-type": "memory-backend-ram", "size": 4096, "host-nodes": [0]`: "host-nodes must be empty for policy default, " +
			"or you should explicitly specify a policy other than default",
		`"qom-type": "memory-backend-ram", "size": 4096, "host-nodes": [128], "policy": "bind"`: "Invalid host-nodes value: 128",
		`"qom-type": "memory-backend-ram", "size": 4096, "host-nodes": [127], "policy": "bind"`: "cannot bind memory to host NUMA nodes: Invalid argument",
		`"qom-type": "memory-backend-shm", "size": 4096, "share": false`:                        "can't create shm backend with `share=off`",
		`"qom-type": "memory-backend-memfd", "size": 1048581`: "m backing store size 0x100005 is too small for " +
			"'size' option 0x101000 plus 'offset' option 0x0",
		`"qom-type": "memory-backend-memfd", "size": 4096, "hugetlb": true, "hugetlbsize": 12288`: "Hugepage size must be a power of 2",
		`"qom-type": "memory-backend-file", "size": 4096, "mem-path": "/nonexistent/x"`: "can't open backing store " +
			"/nonexistent/x for guest RAM: No such file or directory",
		`"qom-type": "memory-backend-file", "size": 8192, "mem-path": "` + small + `"`: "m backing store size 0x1000 is too " +
			"small for 'size' option 0x2000 plus 'offset' option 0x0",
		file(`, "align": 3`):     "alignment 0x3 must be multiples of page size 0x1000",
		file(`, "align": 12288`): "alignment 0x3000 must be a power of two",
		file(`, "offset": 3`):    "offset 0x3 must be multiples of page size 0x1000",
		file(`, "rom": "on"`):    "property 'rom' = 'on' is not supported with 'readonly' = 'off'",
		file(`, "rom": "off", "readonly": true, "share": true`): "property 'rom' = 'off' is incompatible with " +
			"'readonly' = 'on' and 'share' = 'on'",
		file(`, "readonly": true`): fmt.Sprintf("can't open backing store %s/new for guest RAM: No such file or directory", dir),
	} {
		refuse(t, r, `{"id": "m", `+props+`}`, want)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("in the folder: %v, %v", left, err)
	}
}

func TestPropertiesOfMemory(t *testing.T) {
	r := newRegistry(t)
	mustAdd(t, r, `{"qom-type": "memory-backend-memfd", "id": "m", "size": 4096}`)
	m := get[*Memory](t, r, "m")
	values := map[string]any{}
	for _, p := range m.Properties() {
		values[p.Name] = p.Get()
		switch p.Name {
		case "merge", "prealloc":
			if err := p.Set(p.Name == "prealloc"); err != nil || p.Get() != (p.Name == "prealloc") {
				t.Errorf("%s: %v, %v", p.Name, err, p.Get())
			}
			if err := p.Set("x"); err == nil || err.Error() != "Invalid parameter type for '"+p.Name+"', expected: boolean" {
				t.Error(err)
			}
		case "share":
			if err := p.Set(true); err == nil || err.Error() != "cannot change property value" {
				t.Error(err)
			}
		}
	}
	if values["share"] != true || values["size"] != uint64(4096) || values["seal"] != true || values["policy"] != "default" {
		t.Errorf("%v", values)
	}
}
