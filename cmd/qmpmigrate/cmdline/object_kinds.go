package cmdline

import (
	"fmt"
	"slices"
	"strings"
)

// objectKind is a type of -object.
type objectKind struct {
	name   string
	fields []field
	inert  bool // any properties; without meaning here
	absent bool // a type of QEMU that this program refuses by name
}

// objectKinds returns every type that the option knows, sorted by name.
func objectKinds() []objectKind {
	kinds := []objectKind{
		{name: "memory-backend-ram", fields: memoryFields()},
		{name: "memory-backend-file", fields: append(memoryFields(),
			field{name: "mem-path"}.required(),
			field{name: "align", kind: fieldSize}, field{name: "offset", kind: fieldSize},
			field{name: "discard-data", kind: fieldBool}, field{name: "pmem", kind: fieldBool},
			field{name: "readonly", kind: fieldBool},
			field{name: "rom", kind: fieldEnum, values: []string{"on", "off", "auto"}})},
		{name: "memory-backend-memfd", fields: append(memoryFields(),
			field{name: "hugetlb", kind: fieldBool}, field{name: "hugetlbsize", kind: fieldSize},
			field{name: "seal", kind: fieldBool})},
		{name: "memory-backend-shm", fields: memoryFields()},
		{name: "tls-creds-anon", fields: tlsFields()},
		{name: "tls-creds-psk", fields: append(tlsFields(), field{name: "username"})},
		{name: "tls-creds-x509", fields: append(tlsFields(),
			field{name: "sanity-check", kind: fieldBool}, field{name: "passwordid"})},
		{name: "authz-simple", fields: []field{field{name: "identity"}.required()}},
		{name: "authz-list", fields: []field{
			{name: "policy", kind: fieldEnum, values: []string{"deny", "allow"}},
			{name: "rules", kind: fieldStructs, fields: []field{
				field{name: "match"}.required(),
				field{name: "policy", kind: fieldEnum, values: []string{"deny", "allow"}}.required(),
				{name: "format", kind: fieldEnum, values: []string{"exact", "glob"}},
			}},
		}},
		{name: "authz-listfile", fields: []field{
			field{name: "filename"}.required(), {name: "refresh", kind: fieldBool},
		}},
		{name: "secret", fields: []field{
			{name: "data"}, {name: "file"}, {name: "format", kind: fieldEnum, values: []string{"raw", "base64"}},
			{name: "keyid"}, {name: "iv"},
		}},
		{name: "iothread", fields: []field{
			{name: "poll-max-ns", kind: fieldInt64}, {name: "poll-grow", kind: fieldInt64},
			{name: "poll-shrink", kind: fieldInt64}, {name: "aio-max-batch", kind: fieldInt64},
			{name: "thread-pool-min", kind: fieldInt64}, {name: "thread-pool-max", kind: fieldInt64},
		}},
	}
	for _, name := range [...]string{
		"can-bus", "can-host-socketcan", "cryptodev-backend", "cryptodev-backend-builtin", "dbus-vmstate",
		"filter-buffer", "filter-dump", "filter-mirror", "filter-redirector", "filter-replay", "filter-rewriter",
		"input-barrier", "input-linux", "qtest", "rng-builtin", "rng-egd", "rng-random", "throttle-group",
	} {
		kinds = append(kinds, objectKind{name: name, inert: true})
	}
	for _, name := range [...]string{
		"authz-pam", "colo-compare", "memory-backend-epc", "pef-guest", "pr-manager-helper", "s390-pv-guest",
		"secret_keyring", "sev-guest", "sev-snp-guest", "tdx-guest", "thread-context", "x-remote-object",
	} {
		kinds = append(kinds, objectKind{name: name, absent: true})
	}
	slices.SortFunc(kinds, func(a, b objectKind) int { return strings.Compare(a.name, b.name) })
	return kinds
}

func memoryFields() []field {
	return []field{
		{name: "dump", kind: fieldBool}, {name: "host-nodes", kind: fieldNumbers},
		{name: "merge", kind: fieldBool},
		{name: "policy", kind: fieldEnum, values: []string{"default", "preferred", "bind", "interleave"}},
		{name: "prealloc", kind: fieldBool}, {name: "prealloc-threads", kind: fieldUint32}, {name: "prealloc-context"},
		{name: "share", kind: fieldBool}, {name: "reserve", kind: fieldBool},
		field{name: "size", kind: fieldSize}.required(),
		{name: "x-use-canonical-path-for-ramblock-id", kind: fieldBool},
	}
}

func tlsFields() []field {
	return []field{
		{name: "verify-peer", kind: fieldBool}, {name: "dir"},
		{name: "endpoint", kind: fieldEnum, values: []string{"client", "server"}}, {name: "priority"},
	}
}

func findObjectKind(name string) (objectKind, bool) {
	for _, k := range objectKinds() {
		if k.name == name {
			return k, !k.absent
		}
	}
	return objectKind{}, false
}

// objectKindOf finds a type or says why it cannot be had.
func objectKindOf(name string) (objectKind, error) {
	k, ok := findObjectKind(name)
	switch {
	case ok:
		return k, nil
	case k.absent:
		return k, fail("invalid object type: %s", name)
	}
	return k, notAccepted("qom-type", name)
}

func objectListHelp() *Exit {
	text := "List of user creatable objects:\n"
	for _, k := range objectKinds() {
		if !k.absent && !k.inert {
			text += "  " + k.name + "\n"
		}
	}
	return &Exit{Text: text}
}

// help lists a type's properties.
func (k objectKind) help() *Exit {
	var lines []string
	for _, f := range k.fields {
		lines = append(lines, fmt.Sprintf("  %s=<%s>\n", f.name, f.kind))
	}
	slices.Sort(lines)
	return &Exit{Text: k.name + " options:\n" + strings.Join(lines, "")}
}
