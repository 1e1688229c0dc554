package qapi

import (
	"context"
	"slices"

	"qmpmigrate/qapi/qobject"
)

// schemaResult is the answer of query-qmp-schema, which the generator wrote.
type schemaResult struct{}

func (schemaResult) AppendJSON(b []byte) []byte { return appendText(b, schemaText) }

// callQueryQMPSchema answers query-qmp-schema for the command table.
func callQueryQMPSchema(ctx context.Context, args *qobject.Dict) (Result, error) {
	if err := decodeNothing(args); err != nil {
		return nil, err
	}
	if PolicyFrom(ctx).Hides(Deprecated) {
		return currentSchema(), nil
	}
	return schemaResult{}, nil
}

// currentSchema is the schema without what is deprecated; unstable things stay, and so do values of enumerations.
func currentSchema() Result {
	v, err := qobject.Parse(schemaText)
	if err != nil {
		return schemaResult{} // what the generator writes can be read
	}
	list := slices.DeleteFunc(v.(qobject.List), isDeprecated)
	for _, entry := range list {
		entry, _ := entry.(*qobject.Dict)
		if meta, _ := entry.Get("meta-type"); meta != "object" {
			continue
		}
		if members, ok := entry.Get("members"); ok {
			entry.Set("members", slices.DeleteFunc(members.(qobject.List), isDeprecated))
		}
	}
	return list
}

// isDeprecated looks at an entry of the schema, or at a member in one.
func isDeprecated(v any) bool {
	d, _ := v.(*qobject.Dict)
	features, _ := d.Get("features")
	list, _ := features.(qobject.List)
	return slices.Contains(list, any("deprecated"))
}
