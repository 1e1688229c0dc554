package core

import (
	"context"

	"qmpmigrate/qapi"
)

// QueryName is query-name.
func (m *Machine) QueryName(context.Context) (*qapi.NameInfo, error) {
	info := &qapi.NameInfo{}
	if m.conf.Name != "" {
		info.Name = &m.conf.Name
	}
	return info, nil
}

// QueryUUID is query-uuid; a machine without one has the zero UUID.
func (m *Machine) QueryUUID(context.Context) (*qapi.UuidInfo, error) {
	return &qapi.UuidInfo{UUID: m.conf.UUID.String()}, nil
}
