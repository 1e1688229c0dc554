// Package golang writes a schema as Go source of package qapi.
package golang

import "strings"

// capitals spells the parts of names that Go writes in its own way.
func capitals(part string) string {
	switch part {
	case "id", "uri", "uuid", "fd", "tls", "cpu", "vcpu", "ram", "vm", "io", "rdma", "cid", "oob", "qmp", "qemu", "json",
		"colo", "cpr", "ui", "vfio", "xbzrle", "mptcp":
		return strings.ToUpper(part)
	case "ipv4":
		return "IPv4"
	case "ipv6":
		return "IPv6"
	}
	return strings.ToUpper(part[:1]) + part[1:]
}

// goName turns a name of the wire into an exported Go name: "postcopy-ram" is PostcopyRAM.
func goName(name string) string {
	var out strings.Builder
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '_' }) {
		out.WriteString(capitals(part))
	}
	return out.String()
}

// eventType is the Go type of an event: MIGRATION_PASS is MigrationPassEvent.
func eventType(name string) string { return goName(strings.ToLower(name)) + "Event" }
