package golang

import (
	"strings"

	"qmpmigrate/qapi/gen/schema"
)

// commands writes the module's interface and its table, and the arguments that have no type in the schema.
func (p *printer) commands(m *schema.Module) {
	var all []*schema.Command
	for _, def := range m.Defs {
		if c, ok := def.(*schema.Command); ok {
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return
	}
	module := goName(m.Name)
	p.comment(module + "Commands are the commands of module " + m.Name + about(m) + ".")
	p.line("type %sCommands interface {", module)
	for _, c := range all {
		if c.Gen {
			p.comment(goName(c.Name) + " is " + c.Name + ": it " + lower(c.Doc.Text))
			p.line("%s", signature(c))
		}
	}
	p.line("}")
	p.line("")
	p.line("// %sCommandTable returns the commands of module %s as calls of impl's methods.", module, m.Name)
	p.line("func %sCommandTable(impl %sCommands) []Command {", module, module)
	p.line("return []Command{")
	for _, c := range all {
		p.command(c)
	}
	p.line("}")
	p.line("}")
	p.line("")
	for _, c := range all {
		if name := argsType(c); c.Args != nil && name != "" {
			p.line("// %s are the arguments of %s.", name, c.Name)
			p.line("type %s struct {", name)
			p.fields(c.Args.Members)
			p.line("}")
			p.line("")
			p.codec(name, c.Args)
		}
	}
}

// argsType is the Go type of a command's arguments; empty when it takes none.
func argsType(c *schema.Command) string {
	switch {
	case c.Data != nil:
		return c.Data.Name
	case c.Args != nil && len(c.Args.Members) > 0:
		return goName(c.Name) + "Args"
	}
	return ""
}

func signature(c *schema.Command) string {
	s := goName(c.Name) + "(ctx context.Context"
	if args := argsType(c); args != "" {
		s += ", args *" + args
	}
	if c.Returns == nil {
		return s + ") error"
	}
	result := goType(c.Returns.Type)
	if hasMethods(c.Returns.Type) {
		result = "*" + result
	}
	return s + ") (" + result + ", error)"
}

// command writes one entry of the table.
func (p *printer) command(c *schema.Command) {
	p.WriteString(`{Name: "` + c.Name + `", `)
	if c.AllowOOB {
		p.WriteString("AllowOOB: true, ")
	}
	if c.AllowPreconfig {
		p.WriteString("AllowPreconfig: true, ")
	}
	if f := features(c.Features); f != "" {
		p.WriteString("Features: " + f + ", ")
	}
	if c.Returns != nil {
		if hidden := hiddenMembers(c.Returns.Type); hidden != "" {
			p.WriteString("Hidden: " + hidden + ", ")
		}
	}
	p.line("Call: %s},", call(c))
}

// call is the expression for an entry's function.
func call(c *schema.Command) string {
	method := "impl." + goName(c.Name)
	args := argsType(c)
	switch {
	case !c.Gen:
		return "call" + goName(c.Name)
	case args == "" && c.Returns == nil:
		return "plain(" + method + ")"
	case c.Returns == nil:
		return "taking(" + method + ")"
	case args == "" && hasMethods(c.Returns.Type):
		return "returningObject(" + method + ")"
	case hasMethods(c.Returns.Type):
		return "takingReturningObject(" + method + ")"
	case args == "":
		return "returning(" + method + ", " + resultEncoder(c.Returns.Type) + ")"
	}
	return "takingReturning(" + method + ", " + resultEncoder(c.Returns.Type) + ")"
}

// resultEncoder is the function that appends a command's result.
func resultEncoder(t schema.Type) string {
	a, isArray := t.(*schema.Array)
	switch {
	case isArray && hasMethods(a.Elem):
		return "appendObjects"
	case isArray:
		return "func(b []byte, list " + goType(t) + ") []byte { return " + encode(t, "b", "list", false) + " }"
	}
	return scalarEncoder(t)
}

// about is what a module says about itself, to go on a sentence.
func about(m *schema.Module) string {
	if m.Doc == "" {
		return ""
	}
	return ": " + lower(strings.TrimSuffix(m.Doc, "."))
}
