package cmdline

import "qmpmigrate/qapi/qobject"

// readAddress reads a MigrationAddress: its members depend on the transport, those of a socket on its type.
func readAddress(t *tree) *qobject.Dict {
	addr := qobject.NewDict()
	transport := variant(t, "transport", addr, map[string][]field{
		"socket": nil,
		"exec":   {field{name: "args", kind: fieldStrings}.required()},
		"rdma":   inetFields(),
		"file": {
			field{name: "filename"}.required(),
			field{name: "offset", kind: fieldUint64}.required(),
		},
	})
	if transport == "socket" {
		variant(t, "type", addr, map[string][]field{
			"inet":  inetFields(),
			"unix":  {field{name: "path"}.required(), {name: "abstract", kind: fieldBool}, {name: "tight", kind: fieldBool}},
			"vsock": {field{name: "cid"}.required(), field{name: "port"}.required()},
			"fd":    {field{name: "str"}.required()},
		})
	}
	_ = t.finish() // the error stays with the tree
	return addr
}

// variant reads the member that tells the kind of an object, then the members of that kind.
func variant(t *tree, tag string, out *qobject.Dict, kinds map[string][]field) string {
	t.need(tag)
	kind, ok := t.string(tag)
	if !ok {
		return ""
	}
	fields, ok := kinds[kind]
	if !ok {
		t.fail(notAccepted(tag, kind))
		return ""
	}
	out.Set(tag, kind)
	readFields(t, fields, out)
	return kind
}

func inetFields() []field {
	return []field{
		field{name: "host"}.required(), field{name: "port"}.required(),
		{name: "numeric", kind: fieldBool}, {name: "to", kind: fieldUint16},
		{name: "ipv4", kind: fieldBool}, {name: "ipv6", kind: fieldBool},
		{name: "keep-alive", kind: fieldBool}, {name: "mptcp", kind: fieldBool},
	}
}
