package qapi

import (
	"regexp"
	"slices"
	"testing"

	"qmpmigrate/qapi/qobject"
)

// schemaEntries reads the answer of query-qmp-schema with the types that describe it.
func schemaEntries(t *testing.T) []SchemaInfo {
	t.Helper()
	v, err := qobject.Parse(schemaText)
	if err != nil {
		t.Fatal(err)
	}
	c := &cursor{}
	entries := decodeList(c, v, decodeObject[SchemaInfo])
	if c.err != nil {
		t.Fatal(c.err)
	}
	if got := string(appendObjects(nil, entries)); got != schemaText {
		t.Errorf("not in the form in which everything else is encoded:\n%s\n%s", got, schemaText)
	}
	return entries
}

// references lists the types that an entry names.
func references(e SchemaInfo) (types []string) {
	switch e.MetaType {
	case SchemaMetaTypeArray:
		types = append(types, e.Array.ElementType)
	case SchemaMetaTypeObject:
		for _, m := range e.Object.Members {
			types = append(types, m.Type)
		}
		for _, v := range e.Object.Variants {
			types = append(types, v.Type)
		}
	case SchemaMetaTypeAlternate:
		for _, m := range e.Alternate.Members {
			types = append(types, m.Type)
		}
	case SchemaMetaTypeCommand:
		types = append(types, e.Command.ArgType, e.Command.RetType)
	case SchemaMetaTypeEvent:
		types = append(types, e.Event.ArgType)
	}
	return types
}

func TestIntrospectionIsWhole(t *testing.T) {
	byName := map[string]SchemaInfo{}
	referred := map[string]bool{}
	var types int
	for _, e := range schemaEntries(t) {
		if _, dup := byName[e.Name]; dup {
			t.Errorf("%s is there twice", e.Name)
		}
		byName[e.Name] = e
		switch isType := e.MetaType != SchemaMetaTypeCommand && e.MetaType != SchemaMetaTypeEvent; {
		case isType:
			types++
		case types > 0:
			t.Errorf("%s stands behind types", e.Name)
		}
		for _, r := range references(e) {
			referred[r] = true
		}
	}
	for name := range referred {
		if _, ok := byName[name]; !ok {
			t.Errorf("type %s is missing", name)
		}
	}
	if types != len(referred) {
		t.Errorf("%d types, of which %d are used", types, len(referred))
	}
	for _, e := range byName {
		checkEntry(t, e, byName)
	}
}

var (
	maskedName = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)
	arrayName  = regexp.MustCompile(`^\[(str|int|bool|number|any|null|0|[1-9][0-9]*)\]$`)
)

// checkEntry holds one entry to the rules for its kind.
func checkEntry(t *testing.T, e SchemaInfo, byName map[string]SchemaInfo) {
	t.Helper()
	kind := func(name string) SchemaMetaType { return byName[name].MetaType }
	switch e.MetaType {
	case SchemaMetaTypeBuiltin:
		want := map[string]JSONType{
			"str": JSONTypeString, "int": JSONTypeInt, "bool": JSONTypeBoolean, "number": JSONTypeNumber,
			"any": JSONTypeValue, "null": JSONTypeNull,
		}
		if e.Builtin.JSONType != want[e.Name] {
			t.Errorf("builtin %s is a %s", e.Name, e.Builtin.JSONType)
		}
	case SchemaMetaTypeArray:
		if !arrayName.MatchString(e.Name) || e.Name != "["+e.Array.ElementType+"]" {
			t.Errorf("array %s of %s", e.Name, e.Array.ElementType)
		}
	case SchemaMetaTypeCommand:
		if kind(e.Command.ArgType) != SchemaMetaTypeObject || e.Command.AllowOOB != nil && !*e.Command.AllowOOB {
			t.Errorf("command %+v", *e.Command)
		}
	case SchemaMetaTypeEvent:
		if kind(e.Event.ArgType) != SchemaMetaTypeObject {
			t.Errorf("event %s takes a %s", e.Name, kind(e.Event.ArgType))
		}
	default:
		if !maskedName.MatchString(e.Name) {
			t.Errorf("%s %q should have a number for its name", e.MetaType, e.Name)
		}
	}
	if e.MetaType == SchemaMetaTypeEnum {
		var values []string
		for _, m := range e.Enum.Members {
			values = append(values, m.Name)
		}
		if !slices.Equal(values, e.Enum.Values) {
			t.Errorf("enum %s: members %v, values %v", e.Name, values, e.Enum.Values)
		}
	}
	if e.MetaType == SchemaMetaTypeObject {
		checkObject(t, e, byName)
	}
}

func checkObject(t *testing.T, e SchemaInfo, byName map[string]SchemaInfo) {
	t.Helper()
	for _, m := range e.Object.Members {
		if m.Default != nil && m.Default != (qobject.Null{}) {
			t.Errorf("member %s of %s has default %v", m.Name, e.Name, m.Default)
		}
		if e.Object.Tag == nil || *e.Object.Tag != m.Name {
			continue
		}
		var cases []string
		for _, v := range e.Object.Variants {
			cases = append(cases, v.Case)
			if byName[v.Type].MetaType != SchemaMetaTypeObject {
				t.Errorf("variant %s of %s is a %s", v.Case, e.Name, byName[v.Type].MetaType)
			}
		}
		if tag := byName[m.Type]; tag.MetaType != SchemaMetaTypeEnum || !slices.Equal(cases, tag.Enum.Values) {
			t.Errorf("union %s: variants %v, tag %+v", e.Name, cases, tag)
		}
		return
	}
	if e.Object.Tag != nil || e.Object.Variants != nil {
		t.Errorf("object %s has tag %v but not as a member", e.Name, e.Object.Tag)
	}
}

// TestIntrospectionTellsTheCommands: what can be called is what is shown.
func TestIntrospectionTellsTheCommands(t *testing.T) {
	var want, got []string
	for _, table := range [][]Command{
		RunStateCommandTable(nobody{}), ControlCommandTable(&fakeControl{}), MiscCommandTable(noMisc{}),
		MigrationCommandTable(silent{}), COLOCommandTable(nobody{}), DirtyRateCommandTable(nobody{}),
		SnapshotCommandTable(nobody{}), BlockCommandTable(nobody{}), TransactionCommandTable(nobody{}), JobCommandTable(nobody{}), NetCommandTable(nobody{}), UICommandTable(nobody{}),
		TraceCommandTable(nobody{}), QomCommandTable(nobody{}), MachineCommandTable(nobody{}), YankCommandTable(nobody{}),
		CharCommandTable(nobody{}), FDCommandTable(noFD{}), MonitorCommandTable(nobody{}), MemtestCommandTable(nobody{}),
	} {
		for _, c := range table {
			want = append(want, c.Name)
		}
	}
	for _, e := range schemaEntries(t) {
		if e.MetaType == SchemaMetaTypeCommand {
			got = append(got, e.Name)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// nobody has the commands of modules without carrying any out.
type nobody struct {
	RunStateCommands
	COLOCommands
	DirtyRateCommands
	SnapshotCommands
	BlockCommands
	TransactionCommands
	JobCommands
	NetCommands
	UICommands
	TraceCommands
	QomCommands
	MachineCommands
	YankCommands
	CharCommands
	MonitorCommands
	MemtestCommands
}

// TestIntrospectionSamples looks at what clients look for.
func TestIntrospectionSamples(t *testing.T) {
	byName := map[string]SchemaInfo{}
	for _, e := range schemaEntries(t) {
		byName[e.Name] = e
	}
	if empty := byName["0"]; empty.MetaType != SchemaMetaTypeObject || len(empty.Object.Members) != 0 || empty.Object.Tag != nil {
		t.Errorf(`"0" is %+v`, empty)
	}
	member := func(object, name string) SchemaInfoObjectMember {
		for _, m := range byName[object].Object.Members {
			if m.Name == name {
				return m
			}
		}
		t.Fatalf("no member %s in %s", name, object)
		return SchemaInfoObjectMember{}
	}
	migrate := byName["migrate"].Command
	if migrate.RetType != "0" || migrate.AllowOOB != nil || member(migrate.ArgType, "uri").Type != "str" {
		t.Errorf("migrate: %+v", migrate)
	}
	channels := byName[member(migrate.ArgType, "channels").Type].Array
	addr := byName[member(channels.ElementType, "addr").Type]
	if *addr.Object.Tag != "transport" || member(channels.ElementType, "addr").Default != nil {
		t.Errorf("addr: %+v", addr)
	}
	set := byName["migrate-set-parameters"].Command.ArgType
	delay := member(set, "x-checkpoint-delay")
	if !slices.Equal(delay.Features, []string{"unstable"}) || delay.Type != "int" || delay.Default != (qobject.Null{}) {
		t.Errorf("x-checkpoint-delay: %+v", delay)
	}
	if creds := byName[member(set, "tls-creds").Type]; creds.MetaType != SchemaMetaTypeAlternate ||
		!slices.Equal(creds.Alternate.Members, []SchemaInfoAlternateMember{{"str"}, {"null"}}) {
		t.Errorf("tls-creds: %+v", creds)
	}
	if f := byName["x-verify-memory"].Features; !slices.Equal(f, []string{"unstable"}) {
		t.Errorf("x-verify-memory: %v", f)
	}
	if e := byName["STOP"].Event; e.ArgType != "0" {
		t.Errorf("STOP: %+v", e)
	}
	caps := byName["query-migrate-capabilities"].Command.RetType
	kinds := byName[member(byName[caps].Array.ElementType, "capability").Type].Enum
	if !slices.Equal(kinds.Values, names(MigrationCapabilityValues())) {
		t.Errorf("capabilities: %v", kinds.Values)
	}
	for _, m := range kinds.Members {
		if want := m.Name == "x-colo" || m.Name == "x-ignore-shared"; want != slices.Contains(m.Features, "unstable") {
			t.Errorf("%s: %v", m.Name, m.Features)
		}
	}
	if blocktime := member(byName["query-migrate"].Command.RetType, "postcopy-vcpu-blocktime"); blocktime.Type != "[int]" {
		t.Errorf("postcopy-vcpu-blocktime: %+v", blocktime)
	}
}
