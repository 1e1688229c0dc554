package qmp

import (
	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// request is one thing that a client wants, or the reason why it cannot be had.
type request struct {
	command string
	oob     bool // exec-oob, and nothing but it: to be run at once
	args    *qobject.Dict
	id      any
	hasID   bool
	err     error // set: this is the answer
}

// newRequest reads what the parser emitted. oob tells whether out-of-band execution was negotiated; without it
// exec-oob is a member like any unknown one.
func newRequest(v any, parseError error, oob bool) request {
	if parseError != nil {
		return request{err: parseError}
	}
	object, ok := v.(*qobject.Dict)
	if !ok {
		return request{err: qapi.Errorf("QMP input must be a JSON object")}
	}
	var r request
	r.id, r.hasID = object.Get("id")
	r.oob = oob && object.Has("exec-oob") && !object.Has("execute")
	r.err = r.readMembers(object, oob)
	return r
}

// readMembers fills in the members and returns the first reason why they do not make a request.
func (r *request) readMembers(object *qobject.Dict, oob bool) error {
	found := false
	for key, v := range object.All() {
		switch {
		case key == "execute" || key == "exec-oob" && oob:
			command, ok := v.(string)
			switch {
			case !ok:
				return qapi.Errorf("QMP input member '%s' must be a string", key)
			case found:
				return qapi.Errorf("QMP input member 'execute' clashes with 'exec-oob'")
			}
			r.command, found = command, true
		case key == "arguments":
			args, ok := v.(*qobject.Dict)
			if !ok {
				return qapi.Errorf("QMP input member 'arguments' must be an object")
			}
			r.args = args
		case key != "id":
			return qapi.Errorf("QMP input member '%s' is unexpected", key)
		}
	}
	if !found {
		return qapi.Errorf("QMP input lacks member 'execute'")
	}
	return nil
}
