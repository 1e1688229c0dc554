package qapi

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"qmpmigrate/qapi/qobject"
)

var qemu = flag.String("qemu", "", "write testdata/surface.txt anew from the introspection of this QEMU 10.0 `binary`")

const surfaceFile = "testdata/surface.txt"

// TestSurface compares commands and events, down to the last member, value and feature, with those of a real
// QEMU 10.0, whose answer was written into a file in the same readable form.
func TestSurface(t *testing.T) {
	ours := schemaEntries(t)
	if *qemu != "" {
		text := surface(realEntries(t), ours)
		if err := os.WriteFile(surfaceFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(surfaceFile)
	if err != nil {
		t.Fatal(err)
	}
	got, lines := strings.Split(surface(ours, ours), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(got), len(lines)) {
		if got[i] != lines[i] {
			t.Fatalf("%s:%d:\n ours   %s\n QEMU's %s", surfaceFile, i+1, got[i], lines[i])
		}
	}
	if len(got) != len(lines) {
		t.Errorf("%d lines, QEMU has %d", len(got), len(lines))
	}
}

// realEntries asks a real QEMU.
func realEntries(t *testing.T) []SchemaInfo {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, *qemu, "-M", "none", "-nodefaults", "-display", "none", "-qmp", "stdio")
	cmd.Stdin = strings.NewReader(`{"execute": "qmp_capabilities"} {"execute": "query-qmp-schema"} {"execute": "quit"}`)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(out) {
		v, err := qobject.Parse(string(line))
		if err != nil {
			t.Fatal(err)
		}
		list, _ := v.(*qobject.Dict).Get("return")
		if _, ok := list.(qobject.List); ok {
			c := &cursor{}
			entries := decodeList(c, list, decodeObject[SchemaInfo])
			if c.err != nil {
				t.Fatal(c.err)
			}
			return entries
		}
	}
	t.Fatalf("no schema in %s", out)
	return nil
}

// notQEMUs are our own commands, of which QEMU knows nothing, and those of QEMU's that are about fewer things here:
// types of objects, drivers and formats of disks, actions.
var notQEMUs = []string{
	"x-verify-memory", "x-verify-disk", "x-query-downtime", "object-add", "blockdev-add", "query-block", "query-blockstats", "query-named-block-nodes", "transaction",
}

// notQEMUsMember is what results have that are QEMU's of an older version: disks migrate here all the same.
const notQEMUsMember = "disk"

// surface writes out the commands and events of some entries, of those names that are also in others, but for notQEMUs.
func surface(entries, others []SchemaInfo) string {
	s := surfaceWriter{types: map[string]SchemaInfo{}}
	for _, e := range entries {
		s.types[e.Name] = e
	}
	var names []string
	for _, e := range others {
		isCall := e.MetaType == SchemaMetaTypeCommand || e.MetaType == SchemaMetaTypeEvent
		if _, here := s.types[e.Name]; here && isCall && !slices.Contains(notQEMUs, e.Name) {
			names = append(names, e.Name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		s.call(s.types[name])
	}
	return s.String()
}

type surfaceWriter struct {
	strings.Builder
	types map[string]SchemaInfo
}

func (s *surfaceWriter) call(e SchemaInfo) {
	fmt.Fprintf(s, "%s %s%s", e.MetaType, e.Name, features(e.Features))
	if e.MetaType == SchemaMetaTypeEvent {
		s.value(e.Event.ArgType, "  ", false)
		return
	}
	if e.Command.AllowOOB != nil {
		s.WriteString(" oob")
	}
	s.value(e.Command.ArgType, "  ", false)
	s.WriteString("  returns")
	s.value(e.Command.RetType, "    ", true)
}

func features(list []string) string {
	if list == nil {
		return ""
	}
	return " " + strings.Join(list, "+")
}

// value ends the line with a type's name or values, and goes on with its members on lines of their own. The order of
// members matters for arguments, where it decides which error comes first; results have none.
func (s *surfaceWriter) value(name, indent string, sorted bool) {
	e := s.types[name]
	switch e.MetaType {
	case SchemaMetaTypeBuiltin:
		fmt.Fprintf(s, " %s\n", e.Name)
	case SchemaMetaTypeArray:
		s.WriteString(" list of")
		s.value(e.Array.ElementType, indent, sorted)
	case SchemaMetaTypeEnum:
		s.WriteString(" one of")
		for _, m := range e.Enum.Members {
			s.WriteString(" " + m.Name)
			if m.Features != nil {
				s.WriteString("(" + strings.Join(m.Features, "+") + ")")
			}
		}
		s.WriteString("\n")
	case SchemaMetaTypeAlternate:
		s.WriteString(" either\n")
		for _, m := range e.Alternate.Members {
			s.WriteString(indent + "or")
			s.value(m.Type, indent+"  ", sorted)
		}
	case SchemaMetaTypeObject:
		s.object(e, indent, sorted)
	}
}

func (s *surfaceWriter) object(e SchemaInfo, indent string, sorted bool) {
	s.WriteString(" object" + features(e.Features) + "\n")
	members := slices.Clone(e.Object.Members)
	if sorted {
		slices.SortFunc(members, func(a, b SchemaInfoObjectMember) int { return strings.Compare(a.Name, b.Name) })
	}
	for _, m := range members {
		if sorted && m.Name == notQEMUsMember {
			continue
		}
		optional := ""
		if m.Default != nil {
			optional = "?"
		}
		s.WriteString(indent + m.Name + optional + features(m.Features))
		s.value(m.Type, indent+"  ", sorted)
	}
	variants := slices.SortedFunc(slices.Values(e.Object.Variants),
		func(a, b SchemaInfoObjectVariant) int { return strings.Compare(a.Case, b.Case) })
	for _, v := range variants {
		s.WriteString(indent + "when " + *e.Object.Tag + "=" + v.Case)
		s.value(v.Type, indent+"  ", sorted)
	}
}
