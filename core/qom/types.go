package qom

import (
	"slices"

	"qmpmigrate/qapi"
)

// Type is a type of objects.
type Type struct {
	Name, Parent string // no Parent: the root of a tree of types
	Abstract     bool
	// Properties are what its objects have besides those of its parent.
	Properties []qapi.ObjectPropertyInfo
	// Creatable is for objects that users make.
	Creatable bool
}

// Types is a set of types.
type Types []Type

// List tells the types that implement one, all if it is empty.
func (t Types) List(implements string, abstract bool) []qapi.ObjectTypeInfo {
	list := []qapi.ObjectTypeInfo{}
	for i := range t {
		kind := &t[i]
		if kind.Abstract && !abstract || implements != "" && !t.is(kind, implements) {
			continue
		}
		info := qapi.ObjectTypeInfo{Name: kind.Name}
		if kind.Parent != "" {
			info.Parent = &kind.Parent
		}
		if kind.Abstract {
			info.Abstract = &kind.Abstract
		}
		list = append(list, info)
	}
	return list
}

// Properties tells what objects of a type have.
func (t Types) Properties(name string) ([]qapi.ObjectPropertyInfo, error) {
	kind := t.find(name)
	if kind == nil {
		return nil, qapi.ClassErrorf(qapi.DeviceNotFound, "Class '%s' not found", name)
	}
	return t.all(kind), nil
}

// DeviceProperties tells what devices of a type have besides what all devices have.
func (t Types) DeviceProperties(name string) ([]qapi.ObjectPropertyInfo, error) {
	kind := t.find(name)
	if kind == nil {
		return nil, qapi.ClassErrorf(qapi.DeviceNotFound, "Device '%s' not found", name)
	}
	if kind.Abstract || !t.is(kind, "device") {
		return nil, qapi.Errorf("Parameter 'typename' expects a non-abstract device type")
	}
	return slices.Clone(t.all(kind)[len(t.all(t.find("device"))):]), nil
}

func (t Types) find(name string) *Type {
	i := slices.IndexFunc(t, func(k Type) bool { return k.Name == name })
	if i < 0 {
		return nil
	}
	return &t[i]
}

// is says whether a type is another one, or extends or implements it.
func (t Types) is(kind *Type, other string) bool {
	for creatable := false; kind != nil; kind = t.find(kind.Parent) {
		creatable = creatable || kind.Creatable
		if kind.Name == other || other == "user-creatable" && creatable {
			return true
		}
	}
	return false
}

func (t Types) all(kind *Type) []qapi.ObjectPropertyInfo {
	if parent := t.find(kind.Parent); parent != nil {
		return append(slices.Clone(t.all(parent)), kind.Properties...)
	}
	return append([]qapi.ObjectPropertyInfo{}, kind.Properties...)
}

// property makes the description of a property.
func property(name, typeName, description string) qapi.ObjectPropertyInfo {
	p := qapi.ObjectPropertyInfo{Name: name, Type: typeName}
	if description != "" {
		p.Description = &description
	}
	return p
}
