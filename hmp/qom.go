package hmp

import (
	"slices"
	"strings"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

func qomCommands() table {
	return table{
		{
			name: "qom-list", args: parseArguments("path:s?"), params: "path", help: "list QOM properties",
			run: (*call).qomList, preconfig: true,
		},
		{
			name: "qom-get", args: parseArguments("path:s,property:s"), params: "path property",
			help: "print QOM property", run: (*call).qomGet, preconfig: true,
		},
	}
}

func infoQomCommands() table {
	return table{{
		name: "qom-tree", args: parseArguments("path:s?"), params: "[path]", help: "show QOM composition tree",
		run: (*call).infoQomTree, preconfig: true,
	}}
}

func (c *call) qomList() error {
	path := given[string](c.args, "path")
	if path == nil {
		c.out.print("/\n")
		return nil
	}
	list, err := c.commands().QomList(c.ctx, &qapi.QomListArgs{Path: *path})
	for _, property := range list {
		c.out.printf("%s (%s)\n", property.Name, property.Type)
	}
	return err
}

func (c *call) qomGet() error {
	value, err := c.commands().QomGet(c.ctx, &qapi.QomGetArgs{Path: c.args.text("path"), Property: c.args.text("property")})
	if err == nil {
		c.out.printf("%s\n", qobject.AppendPretty(nil, qobject.Append(nil, value)))
	}
	return err
}

// maxQomDepth bounds how deep a tree of objects is shown.
const maxQomDepth = 64

// infoQomTree prints objects below each other, with their types.
func (c *call) infoQomTree() error {
	path := "/machine"
	if p := given[string](c.args, "path"); p != nil {
		path = *p
	}
	typ, err := c.commands().QomGet(c.ctx, &qapi.QomGetArgs{Path: path, Property: "type"})
	name, isText := typ.(string)
	if err != nil || !isText {
		c.out.printf("Path '%s' could not be resolved.\n", path)
		return nil
	}
	path = "/" + strings.Trim(path, "/")
	c.printObject(path, path[strings.LastIndexByte(path, '/')+1:], name, 0)
	return nil
}

func (c *call) printObject(path, name, typ string, depth int) {
	c.out.printf("%*s/%s (%s)\n", 2*depth, "", name, typ)
	list, err := c.commands().QomList(c.ctx, &qapi.QomListArgs{Path: path})
	if err != nil || depth == maxQomDepth {
		return
	}
	slices.SortFunc(list, func(a, b qapi.ObjectPropertyInfo) int { return strings.Compare(a.Name, b.Name) })
	for _, property := range list {
		if child, ok := strings.CutPrefix(property.Type, "child<"); ok {
			below := strings.TrimSuffix(path, "/") + "/" + property.Name
			c.printObject(below, property.Name, strings.TrimSuffix(child, ">"), depth+1)
		}
	}
}
