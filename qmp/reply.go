package qmp

import (
	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// appendGreeting tells what a client may ask for in the negotiation.
func appendGreeting(b []byte, version *qapi.VersionInfo, oob bool) []byte {
	capabilities := "[]"
	if oob {
		capabilities = `["oob"]`
	}
	b = version.AppendJSON(append(b, `{"QMP": {"version": `...))
	return append(b, `, "capabilities": `+capabilities+"}}\r\n"...)
}

// appendReturn appends the reply to a command that succeeded.
func appendReturn(b []byte, command *qapi.Command, result qapi.Result, req *request, policy *qapi.Policy) []byte {
	b = command.AppendResult(append(b, `{"return": `...), result, policy)
	if req.hasID {
		b = qobject.Append(append(b, `, "id": `...), req.id)
	}
	return append(b, "}\r\n"...)
}

func appendError(b []byte, err error, req *request) []byte {
	b = append(b, '{')
	if req.hasID {
		b = qobject.Append(append(b, `"id": `...), req.id)
		b = append(b, ", "...)
	}
	b = qapi.AsError(err).AppendJSON(append(b, `"error": `...))
	return append(b, "}\r\n"...)
}
