// Package schema reads QAPI's schema language: a dialect of JSON with single-quoted strings, `#` comments and any number
// of expressions in a file. Load returns a schema that is whole: every name resolved, every rule of the language checked.
package schema
