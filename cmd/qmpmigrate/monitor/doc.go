// Package monitor is a connection to a QMP server. It is a Monitor of go-qemu's
// and takes the place of that library's SocketMonitor, which gives up at a line
// of 64 KiB (a schema has more), knows no errors but their description, and does
// not read what a server with pretty=on says.
package monitor
