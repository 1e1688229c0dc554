// Package cmdline turns the server's command line into plain data.
//
// The options, their grammars and the wording of their errors are QEMU's, so that tools which start QEMU can start
// this server. Nothing here opens, reads or creates anything: a Config says what was asked for, the rest of the
// program does it.
//
// Where to read on:
//
//   - parse.go walks the arguments; option.go says what a row of the table of options is, table_*.go hold the rows
//   - config.go is the result; error.go the three ways out (Error, Warning, Exit)
//   - opts.go, keyval.go, size.go, device.go are the grammars, each on its own
//   - tree.go and schema.go turn parsed text or JSON into typed values, with QEMU's complaints
//   - finish.go checks, once all options are known, what one option alone cannot tell
package cmdline
