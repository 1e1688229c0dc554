package hmp

import (
	"time"

	"qmpmigrate/qapi"
)

// wait returns a channel that is closed when the monitor takes input again; nil when it does so now.
func (m *Monitor) wait() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.waiting
}

// suspendForMigration makes the monitor take no input until the migration is neither being set up nor active. That
// outlives the client: the next one waits, too.
func (m *Monitor) suspendForMigration() error {
	if err := m.server.begin(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	waiting := make(chan struct{})
	m.waiting = waiting
	go func() {
		defer m.server.running.Done()
		m.awaitMigration()
		m.mu.Lock()
		defer m.mu.Unlock()
		m.waiting = nil
		close(waiting)
	}()
	return nil
}

// awaitMigration returns when the migration is past its first part, or the server ends.
func (m *Monitor) awaitMigration() {
	ticker := time.NewTicker(pollMigration)
	defer ticker.Stop()
	for m.server.ctx.Err() == nil {
		var info *qapi.MigrationInfo
		err := m.server.config.Exclusively(m.server.ctx, func() {
			info, _ = m.server.config.Commands.QueryMigrate(m.server.ctx)
		})
		if err != nil || info == nil {
			return
		}
		if past(info.Status) {
			if info.ErrorDesc != nil {
				m.server.config.Report(*info.ErrorDesc)
			}
			return
		}
		select {
		case <-ticker.C:
		case <-m.server.ctx.Done():
		}
	}
}

func past(status *qapi.MigrationStatus) bool {
	return status != nil && *status != qapi.MigrationStatusSetup && *status != qapi.MigrationStatusActive
}
