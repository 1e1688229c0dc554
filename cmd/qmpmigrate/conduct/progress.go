package conduct

import (
	"context"
	"time"
)

// The statuses of a migration that will not change any more. Others are
// passed on as the endpoints give them.
const (
	StatusCompleted = "completed"
	StatusFailed    = "failed"
	StatusCancelled = "cancelled"
)

// Progress is how a migration goes. Sizes are in bytes. What the source does
// not tell (any more) has its last value.
type Progress struct {
	Status            string // of the source: "setup", "active", "device", "completed", ...
	DestinationStatus string // empty while it does not tell

	// Committed: the guest may run at the destination already, before all of its
	// memory is there, and the migration cannot be cancelled any more.
	Committed bool

	Elapsed     time.Duration // since the source was told to migrate
	Total       int64         // memory of the VM
	Remaining   int64         // still to be sent, as far as it is known
	Transferred int64         // sent so far
	Passes      int64         // how often the source looked for pages that were written again
	NormalPages int64         // pages sent with their contents
	ZeroPages   int64         // pages sent as "all zero"
	Mbps        float64       // megabits per second, lately
	DirtyRate   int64         // bytes of pages per second that the guest writes

	ExpectedDowntime time.Duration // were the VM stopped now
	Downtime         time.Duration // 0 until it is known
	SetupTime        time.Duration
	TotalTime        time.Duration // as the source measures it
}

// Rate is how fast the source sends, in bytes per second.
func (p Progress) Rate() float64 { return p.Mbps * 1e6 / 8 }

// ETA estimates how long it takes to send what remains while the guest goes on
// writing; false when that would never end, or nothing is known.
func (p Progress) ETA() (time.Duration, bool) {
	gain := p.Rate() - float64(p.DirtyRate)
	if gain <= 0 || p.Total == 0 {
		return 0, false
	}
	return time.Duration(float64(p.Remaining) / gain * float64(time.Second)), true
}

// info is the answer to query-migrate.
type info struct {
	Status           string          `json:"status"`
	ErrorDesc        string          `json:"error-desc"`
	ExpectedDowntime int64           `json:"expected-downtime"`
	Downtime         int64           `json:"downtime"`
	SetupTime        int64           `json:"setup-time"`
	TotalTime        int64           `json:"total-time"`
	SocketAddress    []socketAddress `json:"socket-address"`
	RAM              *struct {
		Total          int64   `json:"total"`
		Remaining      int64   `json:"remaining"`
		Transferred    int64   `json:"transferred"`
		Normal         int64   `json:"normal"`
		Duplicate      int64   `json:"duplicate"`
		Mbps           float64 `json:"mbps"`
		DirtySyncCount int64   `json:"dirty-sync-count"`
		DirtyPagesRate int64   `json:"dirty-pages-rate"`
		PageSize       int64   `json:"page-size"`
	} `json:"ram"`
}

func (e *Endpoint) queryMigrate(ctx context.Context) (info, error) {
	var i info
	err := e.Execute(ctx, "query-migrate", nil, &i)
	return i, err
}

// ended says whether the status will not change any more.
func ended(status string) bool {
	return status == StatusCompleted || status == StatusFailed || status == StatusCancelled
}

// take notes what the source says.
func (p *Progress) take(i info) {
	p.Status = i.Status
	if i.RAM == nil {
		return
	}
	p.ExpectedDowntime = milliseconds(i.ExpectedDowntime)
	p.Downtime = milliseconds(i.Downtime)
	p.SetupTime = milliseconds(i.SetupTime)
	p.TotalTime = milliseconds(i.TotalTime)
	p.Total, p.Remaining, p.Transferred = i.RAM.Total, i.RAM.Remaining, i.RAM.Transferred
	p.NormalPages, p.ZeroPages = i.RAM.Normal, i.RAM.Duplicate
	p.Passes, p.Mbps = i.RAM.DirtySyncCount, i.RAM.Mbps
	p.DirtyRate = i.RAM.DirtyPagesRate * i.RAM.PageSize
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// marks are what changes while a migration goes on.
type marks struct {
	status, destination            string
	transferred, remaining, passes int64
}

func (p *Progress) marks() marks {
	return marks{p.Status, p.DestinationStatus, p.Transferred, p.Remaining, p.Passes}
}
