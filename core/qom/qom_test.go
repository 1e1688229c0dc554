package qom

import (
	"errors"
	"testing"

	"qmpmigrate/qapi"
)

type thing struct{ level int64 }

func (t *thing) TypeName() string { return "thing" }

func (t *thing) Properties() []Property {
	return []Property{
		{Name: "level", Type: "int", Get: func() any { return t.level }, Set: func(v any) (err error) {
			t.level, err = Int("level", v)
			return err
		}},
		Fixed("colour", "string", "red"),
		Frozen("size", "int", 5, "cannot change property value"),
		{Name: "hidden", Type: "string"},
	}
}

func tree() *Node {
	return Container("",
		&Node{Name: "machine", Object: Plain("x-machine"), Children: []*Node{
			Container("unattached", &Node{Name: "device[0]", Object: &thing{1}}),
			Container("peripheral"),
		}},
		Container("objects", &Node{Name: "io", Object: &thing{2}}, &Node{Name: "machine", Object: &thing{3}}))
}

func TestPaths(t *testing.T) {
	for path, want := range map[string]string{
		"/": "container", "/machine": "x-machine", "/machine/": "x-machine", "//machine//unattached": "container",
		"/objects/io": "thing", "io": "thing", "objects/io": "thing", "device[0]": "thing", "unattached/device[0]": "thing",
	} {
		if n, err := tree().Resolve(path); err != nil || n.Object.TypeName() != want {
			t.Errorf("%s: %v, %v", path, n, err)
		}
	}
	for path, want := range map[string]qapi.Error{
		"/nope":   {Class: qapi.DeviceNotFound, Desc: "Device '/nope' not found"},
		"nope":    {Class: qapi.DeviceNotFound, Desc: "Device 'nope' not found"},
		"/io":     {Class: qapi.DeviceNotFound, Desc: "Device '/io' not found"},
		"":        {Class: qapi.GenericError, Desc: "Path '' is ambiguous"},
		"machine": {Class: qapi.GenericError, Desc: "Path 'machine' is ambiguous"},
	} {
		_, err := tree().Resolve(path)
		if e, ok := errors.AsType[*qapi.Error](err); !ok || *e != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestPropertiesOfANode(t *testing.T) {
	root := tree()
	n, err := root.Resolve("/objects/io")
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Set("level", int64(7)); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]any{"level": int64(7), "colour": "red", "type": "thing", "size": 5} {
		if got, err := n.Get("/objects/io", name); err != nil || got != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := root.Get("/", "objects"); err != nil || got != "/objects" {
		t.Errorf("a child: %v, %v", got, err)
	}
	for what, err := range map[string]error{
		"Property 'thing.x' not found":                          n.Set("x", 1),
		"Property 'thing.colour' is not writable":               n.Set("colour", "blue"),
		"Property 'thing.type' is not writable":                 n.Set("type", "blue"),
		"cannot change property value":                          n.Set("size", int64(1)),
		"Invalid parameter type for 'level', expected: integer": n.Set("level", "x"),
		"Property 'thing.hidden' is not readable":               second(n.Get("", "hidden")),
	} {
		if err == nil || err.Error() != what {
			t.Errorf("%v instead of %s", err, what)
		}
	}
	list := root.List()
	if len(list) != 3 || list[0].Name != "type" || list[1].Type != "child<x-machine>" || list[2].Type != "child<container>" {
		t.Errorf("%v", list)
	}
}

func second(_ any, err error) error { return err }

func names(list []qapi.ObjectTypeInfo) map[string]bool {
	m := map[string]bool{}
	for _, i := range list {
		m[i.Name] = true
	}
	return m
}

func TestTypes(t *testing.T) {
	all := All("pc-q35-10.0", "memtest", "none")
	accels := all.List("accel", false)
	if n := names(accels); len(n) != 2 || !n["tcg-accel"] || !n["qtest-accel"] || *accels[0].Parent != "accel" {
		t.Errorf("%v", accels)
	}
	if n := names(all.List("accel", true)); !n["accel"] {
		t.Errorf("%v", n)
	}
	machines := names(all.List("machine", false))
	if !machines["pc-q35-10.0-machine"] || !machines["memtest-machine"] || !machines["none-machine"] || len(machines) != 3 {
		t.Errorf("%v", machines)
	}
	if n := names(all.List("generic-pc-machine", false)); len(n) != 1 {
		t.Errorf("%v", n)
	}
	if n := names(all.List("user-creatable", false)); len(n) != 12 || !n["iothread"] || !n["memory-backend-shm"] || n["memory-backend"] {
		t.Errorf("%v", n)
	}
	if n := all.List("nope", true); n == nil || len(n) != 0 {
		t.Errorf("%v", n)
	}
}

func TestEveryParentIsThere(t *testing.T) {
	all := All("x")
	seen := map[string]bool{}
	for _, kind := range all {
		if seen[kind.Name] {
			t.Errorf("%s is there twice", kind.Name)
		}
		seen[kind.Name] = true
		if kind.Parent != "" && all.find(kind.Parent) == nil {
			t.Errorf("%s has no parent %s", kind.Name, kind.Parent)
		}
	}
}

func TestPropertiesOfATypes(t *testing.T) {
	all := All("pc-q35-10.0")
	list, err := all.Properties("memory-backend-file")
	if err != nil || len(list) != 19 || list[0].Name != "type" || list[1].Name != "share" || *list[1].Description == "" {
		t.Errorf("%d, %v", len(list), err)
	}
	for name, least := range map[string]int{"none-machine": 20, "pc-q35-10.0-machine": 20, "container": 1, "qtest-accel": 1} {
		if list, err := all.Properties(name); err != nil || len(list) < least {
			t.Errorf("%s: %d, %v", name, len(list), err)
		}
	}
	if list, err := all.DeviceProperties("qemu64-x86_64-cpu"); err != nil || len(list) != 2 || list[0].Name != "memory" {
		t.Errorf("%v, %v", list, err)
	}
	_, noClass := all.Properties("nope")
	_, noDevice := all.DeviceProperties("nope")
	_, abstract := all.DeviceProperties("device")
	_, other := all.DeviceProperties("memory-backend-file")
	for want, err := range map[qapi.Error]error{
		{Class: qapi.DeviceNotFound, Desc: "Class 'nope' not found"}:                                noClass,
		{Class: qapi.DeviceNotFound, Desc: "Device 'nope' not found"}:                               noDevice,
		{Class: qapi.GenericError, Desc: "Parameter 'typename' expects a non-abstract device type"}: abstract,
	} {
		if e, ok := errors.AsType[*qapi.Error](err); !ok || *e != want {
			t.Errorf("%v instead of %v", err, want)
		}
	}
	if other == nil || other.Error() != abstract.Error() {
		t.Error(other)
	}
}
