// Package readline edits a line on a terminal that is at the other end of a byte stream: a socket, a pseudo terminal or
// standard input. It is a state machine: bytes of keys go in, bytes for the terminal come out.
package readline
