package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// migrationTime is what a migration gets until its outcome must be known.
const migrationTime = 3 * time.Minute

// A Migration is what query-migrate returns. Times are in milliseconds, sizes in bytes.
type Migration struct {
	Status    string `json:"status"`
	ErrorDesc string `json:"error-desc"`
	TotalTime int64  `json:"total-time"`
	Downtime  int64  `json:"downtime"`
	SetupTime int64  `json:"setup-time"`
	RAM       struct {
		Total         int64   `json:"total"`
		Remaining     int64   `json:"remaining"`
		Transferred   int64   `json:"transferred"`
		Duplicate     int64   `json:"duplicate"` // zero pages
		Normal        int64   `json:"normal"`    // pages sent whole
		SyncCount     int64   `json:"dirty-sync-count"`
		Mbps          float64 `json:"mbps"`
		DowntimeBytes int64   `json:"downtime-bytes"` // sent while the VM stood
		Multifd       int64   `json:"multifd-bytes"`
		// MissedZeroCopy counts syncs of lanes before which the kernel had copied all.
		MissedZeroCopy int64 `json:"dirty-sync-missed-zero-copy"`
		// Of postcopy: bytes sent while the destination runs, and pages that it asked for.
		PostcopyBytes    int64 `json:"postcopy-bytes"`
		PostcopyRequests int64 `json:"postcopy-requests"`
	} `json:"ram"`
	// Disk is there while disks go, too.
	Disk struct {
		Transferred int64 `json:"transferred"`
		Remaining   int64 `json:"remaining"`
		Total       int64 `json:"total"`
	} `json:"disk"`
	// VFIO is there where the machine has passed-through devices.
	VFIO *struct {
		Transferred int64 `json:"transferred"`
	} `json:"vfio"`
	// Throttled is how much of its time the guest rests, in percent.
	Throttled int64 `json:"cpu-throttle-percentage"`
	// Held is how long the vCPUs were held up in the last full round of their dirty rings, in microseconds.
	Held int64 `json:"dirty-limit-throttle-time-per-round"`
	// XBZRLE is there with the capability of that name.
	XBZRLE        XBZRLECache     `json:"xbzrle-cache"`
	SocketAddress []SocketAddress `json:"socket-address"`
}

// XBZRLECache is about pages that were looked for in a source's cache of pages.
type XBZRLECache struct {
	Size         int64   `json:"cache-size"`
	Bytes        int64   `json:"bytes"`
	Pages        int64   `json:"pages"` // that were found
	Misses       int64   `json:"cache-miss"`
	MissRate     float64 `json:"cache-miss-rate"`
	EncodingRate float64 `json:"encoding-rate"`
	Overflows    int64   `json:"overflow"` // pages that were found and went whole
}

// A SocketAddress is where an emulator listens.
type SocketAddress struct {
	Type string `json:"type"` // inet or unix
	Host string `json:"host"`
	Port string `json:"port"`
	Path string `json:"path"`
}

// Execute runs a QMP command, see Monitor.Execute; its error carries the emulator's last output.
func (e *Emulator) Execute(ctx context.Context, command string, args, result any) error {
	err := e.Monitor.Execute(ctx, command, args, result)
	if errors.Is(err, errMonitorGone) {
		_, _ = e.Wait(ctx) // so that its last words are complete
	}
	return e.explain(err)
}

// RunState returns the status of query-status.
func (e *Emulator) RunState(ctx context.Context) (string, error) {
	var r struct{ Status string }
	err := e.Execute(ctx, "query-status", nil, &r)
	return r.Status, err
}

// SettledState is RunState at the end of a migration: a QEMU tells of the end a moment before its VM leaves the state in
// which it was handed over.
func (e *Emulator) SettledState(ctx context.Context) (state string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, migrationTime, errors.New("the VM stays in finish-migrate"))
	defer cancel()
	err = e.poll(ctx, func() (bool, error) {
		state, err = e.RunState(ctx)
		return err != nil || !e.Program.QEMU || state != "finish-migrate", err
	})
	return state, err
}

// QueryMigrate returns the state of the migration, outgoing or incoming.
func (e *Emulator) QueryMigrate(ctx context.Context) (Migration, error) {
	var m Migration
	err := e.Execute(ctx, "query-migrate", nil, &m)
	return m, err
}

// SetParameters sets migration parameters.
func (e *Emulator) SetParameters(ctx context.Context, parameters map[string]any) error {
	return e.Execute(ctx, "migrate-set-parameters", parameters, nil)
}

// SetCapabilities switches migration capabilities on.
func (e *Emulator) SetCapabilities(ctx context.Context, names ...string) error {
	return e.switchCapabilities(ctx, true, names)
}

// ClearCapabilities switches migration capabilities off.
func (e *Emulator) ClearCapabilities(ctx context.Context, names ...string) error {
	return e.switchCapabilities(ctx, false, names)
}

func (e *Emulator) switchCapabilities(ctx context.Context, state bool, names []string) error {
	type capability struct {
		Capability string `json:"capability"`
		State      bool   `json:"state"`
	}
	list := []capability{}
	for _, name := range names {
		list = append(list, capability{name, state})
	}
	return e.Execute(ctx, "migrate-set-capabilities", map[string]any{"capabilities": list}, nil)
}

// MigrateTo starts an outgoing migration.
func (e *Emulator) MigrateTo(ctx context.Context, uri string) error {
	return e.Execute(ctx, "migrate", map[string]any{"uri": uri}, nil)
}

// Yank cuts the migration off, whatever its peer does.
func (e *Emulator) Yank(ctx context.Context) error {
	return e.Execute(ctx, "yank", map[string]any{"instances": []any{map[string]any{"type": "migration"}}}, nil)
}

// Incoming lets an emulator that was started with -incoming defer wait for a migration.
func (e *Emulator) Incoming(ctx context.Context, uri string) error {
	return e.Execute(ctx, "migrate-incoming", map[string]any{"uri": uri}, nil)
}

// IncomingTCP is Incoming on a free TCP port of the loopback; it returns the URI to migrate to.
func (e *Emulator) IncomingTCP(ctx context.Context) (string, error) {
	if err := e.Incoming(ctx, "tcp:127.0.0.1:0"); err != nil {
		return "", err
	}
	m, err := e.QueryMigrate(ctx)
	if err != nil {
		return "", err
	}
	if len(m.SocketAddress) != 1 || m.SocketAddress[0].Port == "" {
		return "", e.explain(fmt.Errorf("socket-address is %+v", m.SocketAddress))
	}
	return "tcp:127.0.0.1:" + m.SocketAddress[0].Port, nil
}

// WaitMigration waits until the migration's status is one of want. Any other status that can not change any
// more is an error, and so is the end of the emulator.
func (e *Emulator) WaitMigration(ctx context.Context, want ...string) (Migration, error) {
	return e.WaitMigrationUntil(ctx, fmt.Sprint(want), func(m Migration) bool { return slices.Contains(want, m.Status) })
}

// WaitMigrationUntil is WaitMigration with any condition; what describes it.
func (e *Emulator) WaitMigrationUntil(ctx context.Context, what string, reached func(Migration) bool) (Migration, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, migrationTime, fmt.Errorf("migration is not %s in time", what))
	defer cancel()
	var m Migration
	err := e.poll(ctx, func() (bool, error) {
		now, err := e.QueryMigrate(ctx)
		if err != nil {
			return true, err
		}
		if m = now; reached(m) {
			return true, nil
		}
		if slices.Contains([]string{"completed", "failed", "cancelled"}, m.Status) {
			return true, fmt.Errorf("migration is %s, not %s: %s", m.Status, what, m.ErrorDesc)
		}
		return false, nil
	})
	if err != nil && m.Status != "" {
		err = fmt.Errorf("%w (%s: %q)", err, m.Status, m.ErrorDesc)
	}
	return m, err
}

// WaitCleanedUp waits until nothing is left of a migration that has ended: a QEMU tells the end before that, and takes no
// other migration meanwhile.
func (e *Emulator) WaitCleanedUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, migrationTime, errors.New("what has ended is not cleaned up in time"))
	defer cancel()
	return e.poll(ctx, func() (bool, error) {
		var instances []struct{ Type string }
		err := e.Execute(ctx, "query-yank", nil, &instances)
		return err != nil || !slices.ContainsFunc(instances, func(i struct{ Type string }) bool { return i.Type == "migration" }), err
	})
}

// WaitTold waits until the last event of migrations is the one of the status that query-migrate tells, unless events are
// off: whoever asks may be told a moment before. Who has ended has told all.
func (e *Emulator) WaitTold(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, eventTime, errors.New("no event tells the status in time"))
	defer cancel()
	for {
		told, err := e.toldStatus(ctx)
		if errors.Is(err, errMonitorGone) {
			return e.explain(e.Monitor.waitEnd(ctx))
		}
		if err != nil || told {
			return err
		}
		select {
		case <-time.After(pollTime):
		case <-ctx.Done():
			return e.explain(context.Cause(ctx))
		}
	}
}

func (e *Emulator) toldStatus(ctx context.Context) (bool, error) {
	var capabilities []struct {
		Capability string
		State      bool
	}
	if err := e.Execute(ctx, "query-migrate-capabilities", nil, &capabilities); err != nil {
		return false, err
	}
	for _, c := range capabilities {
		if c.Capability == "events" && !c.State {
			return true, nil
		}
	}
	m, err := e.QueryMigrate(ctx)
	if err != nil {
		return false, err
	}
	var last struct{ Status string }
	for _, event := range e.Monitor.Events() {
		if event.Name == "MIGRATION" {
			if err := json.Unmarshal(event.Data, &last); err != nil {
				return false, err
			}
		}
	}
	return last.Status == m.Status, nil
}
