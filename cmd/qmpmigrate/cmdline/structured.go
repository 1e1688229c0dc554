package cmdline

import (
	"strings"

	"qmpmigrate/qapi/qobject"
)

// isJSON tells whether an argument of an option that takes both forms is JSON.
func isJSON(text string) bool { return strings.HasPrefix(text, "{") }

// parseJSON reads an argument that starts with a brace.
func parseJSON(text string) (*qobject.Dict, error) {
	value, err := qobject.Parse(text)
	if err != nil {
		return nil, fail("%s", err)
	}
	dict, ok := value.(*qobject.Dict)
	if !ok {
		return nil, fail("Invalid parameter type for 'null', expected: object")
	}
	return dict, nil
}

// parseStructured reads an argument that may be key=value text or JSON, for options without help of their own.
func parseStructured(text, implied string) (*tree, error) {
	if isJSON(text) {
		dict, err := parseJSON(text)
		if err != nil {
			return nil, err
		}
		return newTree(dict, false), nil
	}
	dict, help, err := ParseKeyval(text, implied)
	if err != nil {
		return nil, err
	}
	if help {
		return nil, fail("Help is not available for this option")
	}
	return newTree(dict, true), nil
}
