package qmp

import (
	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// capabilities is the list of what a client may ask for in the negotiation.
const capabilities = `["oob"]`

func appendGreeting(b []byte, version *qapi.VersionInfo) []byte {
	b = version.AppendJSON(append(b, `{"QMP": {"version": `...))
	return append(b, `, "capabilities": `+capabilities+"}}\r\n"...)
}

// appendReturn appends the reply to a command that succeeded; no result is the empty object.
func appendReturn(b []byte, result qapi.Result, req *request) []byte {
	b = append(b, `{"return": `...)
	if result == nil {
		b = append(b, "{}"...)
	} else {
		b = result.AppendJSON(b)
	}
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
