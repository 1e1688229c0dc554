package core

import (
	"context"

	"qmpmigrate/qapi"
)

// XQueryDowntime is x-query-downtime.
func (m *Machine) XQueryDowntime(context.Context) (*qapi.DowntimeInfo, error) {
	return m.migration.Downtime(), nil
}
