package schema

import (
	"regexp"
	"strings"
)

// Doc is what a documentation comment says about one definition.
type Doc struct {
	Pos     Pos
	Symbol  string            // the definition's name; empty for free text about a module
	Text    string            // paragraphs that belong to no member
	Members map[string]string // members, arguments and enumeration values
	Feature map[string]string
	order   []string // names in Members and Feature, for messages
}

var (
	docSymbol = regexp.MustCompile(`^@([A-Za-z0-9_-]+):$`)
	docMember = regexp.MustCompile(`^@([A-Za-z0-9_-]+):(.*)$`)
)

// parseDoc reads the lines of a comment. The first line `@NAME:` names what is described; later ones start the text of
// a member, or of a feature after a line `Features:`. Such a text goes on over indented and empty lines.
func parseDoc(t token) (*Doc, error) {
	d := &Doc{Pos: t.pos, Members: map[string]string{}, Feature: map[string]string{}}
	lines := strings.Split(t.text, "\n")
	if m := docSymbol.FindStringSubmatch(lines[0]); m != nil {
		d.Symbol, lines = m[1], lines[1:]
	}
	var general []string
	section, name := d.Members, ""
	for i, line := range lines {
		m := docMember.FindStringSubmatch(line)
		switch {
		case m != nil && d.Symbol == "":
			return nil, errorAt(Pos{t.pos.File, t.pos.Line + 1 + i}, "'@%s:' in a comment that describes no definition", m[1])
		case m != nil:
			name = m[1]
			if _, dup := section[name]; dup {
				return nil, errorAt(Pos{t.pos.File, t.pos.Line + 2 + i}, "'%s' is described twice", name)
			}
			d.order = append(d.order, name)
			section[name] = strings.TrimSpace(m[2])
		case line == "Features:":
			section, name = d.Feature, ""
		case name != "" && strings.HasPrefix(line, " "):
			section[name] = strings.TrimSpace(section[name] + " " + strings.TrimSpace(line))
		case name != "" && line == "":
		default:
			name = ""
			general = append(general, line)
		}
	}
	d.Text = strings.TrimSpace(strings.Join(general, "\n"))
	return d, nil
}
