// Package hmp is the face of the program for people: QEMU's text monitor. A line becomes a call of the same methods that
// QMP ends in, and its outcome text.
//
// A [Server] has the table of commands, which also makes the help, the usage messages and the completion. A [Monitor] is
// a place where clients connect, one after the other; it has a history and descriptors with names. QMP's
// human-monitor-command runs single lines without one.
package hmp
