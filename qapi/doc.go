// Package qapi is the contract between the faces of the program (QMP, HMP) and its core.
//
// The files schema/*.json describe every command, event and type in QAPI's schema language. The generator in gen
// turns each module of the schema into one file of Go: types with strict decoding and an encoder, one interface that
// the core implements, a table of commands, and typed events. It also writes the text that query-qmp-schema answers.
// A new command is an entry in the schema and a method, nothing else.
//
// Optional scalars and objects are pointers, nil when absent. Optional lists are nil when absent, and empty but not
// nil when they were given without elements.
package qapi

//go:generate go run ./gen -schema schema/qapi-schema.json -out .
