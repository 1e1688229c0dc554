// Package qmp is the machine protocol face of the program: it turns JSON on a connection into calls of the commands
// that qapi describes, and their results, errors and events into JSON.
//
// A [Server] has one table of commands and any number of [Monitor]s. A monitor is one place where clients connect
// (one -qmp option); it serves one client at a time, each in a session of its own that begins with a greeting and a
// negotiation. Commands of all monitors run one at a time, as they do in QEMU's main loop, except those that are
// called out of band. Events go to every session that is through with its negotiation.
package qmp
