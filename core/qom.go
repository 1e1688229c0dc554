package core

import (
	"context"
	"strconv"

	"qmpmigrate/core/machinetype"
	"qmpmigrate/core/qom"
	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

var _ qapi.QomCommands = (*Machine)(nil)

// QomList is qom-list.
func (m *Machine) QomList(ctx context.Context, args *qapi.QomListArgs) ([]qapi.ObjectPropertyInfo, error) {
	node, err := m.tree(ctx).Resolve(args.Path)
	if err != nil {
		return nil, err
	}
	return node.List(), nil
}

// QomGet is qom-get.
func (m *Machine) QomGet(ctx context.Context, args *qapi.QomGetArgs) (any, error) {
	node, err := m.tree(ctx).Resolve(args.Path)
	if err != nil {
		return nil, err
	}
	return node.Get(args.Path, args.Property)
}

// QomSet is qom-set.
func (m *Machine) QomSet(ctx context.Context, args *qapi.QomSetArgs) error {
	node, err := m.tree(ctx).Resolve(args.Path)
	if err != nil {
		return err
	}
	return node.Set(args.Property, args.Value)
}

// QomListTypes is qom-list-types.
func (m *Machine) QomListTypes(ctx context.Context, args *qapi.QomListTypesArgs) ([]qapi.ObjectTypeInfo, error) {
	implements := ""
	if args.Implements != nil {
		implements = *args.Implements
	}
	return m.types().List(implements, args.Abstract != nil && *args.Abstract), nil
}

// QomListProperties is qom-list-properties.
func (m *Machine) QomListProperties(ctx context.Context, args *qapi.QomListPropertiesArgs) ([]qapi.ObjectPropertyInfo, error) {
	return m.types().Properties(args.Typename)
}

// DeviceListProperties is device-list-properties.
func (m *Machine) DeviceListProperties(ctx context.Context, args *qapi.DeviceListPropertiesArgs) ([]qapi.ObjectPropertyInfo, error) {
	return m.types().DeviceProperties(args.Typename)
}

// types are all types, those of the machines that can be made among them.
func (m *Machine) types() qom.Types {
	var names []string
	for _, t := range machinetype.All() {
		names = append(names, t.Name)
	}
	return qom.All(names...)
}

// tree is what there is now.
func (m *Machine) tree(ctx context.Context) *qom.Node {
	objects := qom.Container("objects")
	for _, o := range m.conf.Objects.List() {
		objects.Children = append(objects.Children, &qom.Node{Name: o.ID, Object: o.Object})
	}
	chardevs := qom.Container("chardevs")
	if m.conf.Chardevs != nil {
		chardevs.Children = m.conf.Chardevs()
	}
	unattached := qom.Container("unattached")
	cpus, _ := m.QueryCpusFast(ctx)
	for i := range cpus {
		unattached.Children = append(unattached.Children,
			&qom.Node{Name: "device[" + strconv.Itoa(i) + "]", Object: vcpuObject{}})
	}
	var named, others []*qom.Node
	if m.conf.Devices != nil {
		named, others = m.conf.Devices()
	}
	machine := &qom.Node{Name: "machine", Object: machineObject{m}, Children: []*qom.Node{
		qom.Container("peripheral-anon", others...), qom.Container("peripheral", named...), unattached,
	}}
	return qom.Container("", qom.Container("backend"), machine, objects, chardevs)
}

// machineObject is the machine in the tree.
type machineObject struct{ m *Machine }

func (o machineObject) TypeName() string { return o.m.board.Type.Name + "-machine" }

func (o machineObject) Properties() []qom.Property {
	size := uint64(0)
	if !o.m.relay {
		for _, b := range o.m.guest.Blocks() {
			size += b.Size()
		}
	}
	memory := qobject.NewDict()
	memory.Set("size", size)
	backend := ""
	if o.m.conf.RAM != "" {
		backend = "/objects/" + o.m.conf.RAM
	}
	properties := []qom.Property{
		qom.Fixed("memory", "MemorySizeConfiguration", memory),
		qom.Fixed("aux-ram-share", "bool", false),
		qom.Fixed("graphics", "bool", false),
		qom.Fixed("usb", "bool", false),
		qom.Fixed("dump-guest-core", "bool", true),
		qom.Fixed("memory-backend", "link<memory-backend>", backend),
		qom.Fixed("mem-merge", "bool", true),
		qom.Fixed("suppress-vmdesc", "bool", false),
	}
	if adopted := o.m.guest.Configuration().Machine; o.m.relay && adopted != "" {
		properties = append(properties, qom.Fixed(adoptedType, "str", adopted))
	}
	return properties
}

// adoptedType is the property that tells what the VM called its machine's type which is parked here.
const adoptedType = "adopted-type"

// vcpuObject is a vCPU in the tree.
type vcpuObject struct{}

func (vcpuObject) TypeName() string { return "qemu64-x86_64-cpu" }

func (vcpuObject) Properties() []qom.Property {
	return []qom.Property{
		qom.Fixed("parent_bus", "link<bus>", ""),
		qom.Fixed("realized", "bool", true),
		qom.Fixed("hotplugged", "bool", false),
		qom.Fixed("hotpluggable", "bool", true),
		qom.Fixed("start-powered-off", "bool", false),
	}
}
