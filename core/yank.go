package core

import (
	"context"

	"qmpmigrate/core/yank"
	"qmpmigrate/qapi"
)

var _ qapi.YankCommands = (*Machine)(nil)

// Yank is yank: it cuts off all instances, or none.
func (m *Machine) Yank(_ context.Context, args *qapi.YankArgs) error {
	list := make([]yank.Instance, len(args.Instances))
	for i := range args.Instances {
		list[i] = yankInstance(&args.Instances[i])
	}
	if err := m.conf.Yank.Cut(list); err != nil {
		return qapi.ClassErrorf(qapi.DeviceNotFound, "%v", err)
	}
	return nil
}

// QueryYank is query-yank.
func (m *Machine) QueryYank(context.Context) ([]qapi.YankInstance, error) {
	list := []qapi.YankInstance{}
	for _, i := range m.conf.Yank.List() {
		switch i.Kind {
		case yank.BlockNode:
			list = append(list, qapi.YankInstance{Type: qapi.YankInstanceTypeBlockNode,
				BlockNode: &qapi.YankInstanceBlockNode{NodeName: i.ID}})
		case yank.Chardev:
			list = append(list, qapi.YankInstance{Type: qapi.YankInstanceTypeChardev,
				Chardev: &qapi.YankInstanceChardev{ID: i.ID}})
		case yank.Migration:
			list = append(list, qapi.YankInstance{Type: qapi.YankInstanceTypeMigration})
		}
	}
	return list, nil
}

func yankInstance(i *qapi.YankInstance) yank.Instance {
	switch i.Type {
	case qapi.YankInstanceTypeBlockNode:
		return yank.Instance{Kind: yank.BlockNode, ID: i.BlockNode.NodeName}
	case qapi.YankInstanceTypeChardev:
		return yank.Instance{Kind: yank.Chardev, ID: i.Chardev.ID}
	}
	return yank.Instance{Kind: yank.Migration}
}
