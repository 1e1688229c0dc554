package hmp

import (
	"strings"

	"qmpmigrate/qapi"
)

func objectCommands() table {
	return table{
		{
			name: "object_add", args: parseArguments("object:S"), params: "[qom-type=]type,id=str[,prop=value][,...]",
			help: "create QOM object", run: (*call).objectAdd, preconfig: true,
			complete: first(names(qapi.ObjectTypeValues())),
		},
		{
			name: "object_del", args: parseArguments("id:s"), params: "id", help: "destroy QOM object",
			run: (*call).objectDel, preconfig: true, complete: completeObject,
		},
	}
}

func (c *call) objectAdd() error {
	parse := c.server.config.ParseObject
	if parse == nil {
		return qapi.Errorf("command 'object_add' is not supported yet by this build")
	}
	options, err := parse(c.args.text("object"))
	if err != nil {
		return err
	}
	return c.commands().ObjectAdd(c.ctx, options)
}

func (c *call) objectDel() error {
	return c.commands().ObjectDel(c.ctx, &qapi.ObjectDelArgs{ID: c.args.text("id")})
}

// completeObject lists the objects that were made with object_add, or like that.
func completeObject(c *call, words []string) (ids []string) {
	if len(words) != 1 {
		return nil
	}
	list, _ := c.commands().QomList(c.ctx, &qapi.QomListArgs{Path: "/objects"})
	for _, property := range list {
		if strings.HasPrefix(property.Type, "child<") {
			ids = append(ids, property.Name)
		}
	}
	return ids
}
