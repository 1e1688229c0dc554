package qapi

import (
	"context"

	"qmpmigrate/qapi/qobject"
)

// schemaResult is the answer of query-qmp-schema, which the generator wrote.
type schemaResult struct{}

func (schemaResult) AppendJSON(b []byte) []byte { return appendText(b, schemaText) }

// callQueryQMPSchema answers query-qmp-schema for the command table.
func callQueryQMPSchema(_ context.Context, args *qobject.Dict) (Result, error) {
	if err := decodeNothing(args); err != nil {
		return nil, err
	}
	return schemaResult{}, nil
}
