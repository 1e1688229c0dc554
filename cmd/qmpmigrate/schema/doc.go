// Package schema is what a QMP server can do, as it says itself in its answer to
// query-qmp-schema: commands with their arguments, events, and types. It knows
// nothing of any command, and so learns new ones from new servers.
package schema
