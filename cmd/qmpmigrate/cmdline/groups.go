package cmdline

import (
	_ "embed"
	"encoding/json"
)

// groupsText is what QEMU 10.0 tells of those of its options with parameters that are also options here, in its order
// and words. Management tools look there for what they may use.
//
//go:embed groups.json
var groupsText string

// Parameter is a part of an option's argument.
type Parameter struct {
	Name    string
	Type    string // string, boolean, number or size
	Help    string // may be empty
	Default string // empty: none
}

// OptionGroup is an option whose argument has parts; one without parameters takes any.
type OptionGroup struct {
	Name       string `json:"option"`
	Parameters []Parameter
}

// OptionGroups returns the options as query-command-line-options lists them.
func OptionGroups() ([]OptionGroup, error) {
	var groups []OptionGroup
	err := json.Unmarshal([]byte(groupsText), &groups)
	return groups, err
}
