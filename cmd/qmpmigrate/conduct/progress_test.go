package conduct

import (
	"encoding/json"
	"testing"
	"time"
)

const activeAnswer = `{"expected-downtime": 301, "status": "active", "setup-time": 1, "total-time": 352, "ram": {"total": 157818880, "postcopy-requests": 0, "dirty-sync-count": 2, "multifd-bytes": 0, "pages-per-second": 76660, "downtime-bytes": 0, "page-size": 4096, "remaining": 41459712, "postcopy-bytes": 0, "mbps": 2516.90256, "transferred": 125839707, "precopy-bytes": 125839707, "duplicate": 13072, "dirty-pages-rate": 10, "normal-bytes": 125476864, "normal": 30634}}`

func TestProgressTakes(t *testing.T) {
	var i info
	if err := json.Unmarshal([]byte(activeAnswer), &i); err != nil {
		t.Fatal(err)
	}
	var p Progress
	p.take(i)
	want := Progress{
		Status: "active", Total: 157818880, Remaining: 41459712, Transferred: 125839707, Passes: 2,
		NormalPages: 30634, ZeroPages: 13072, Mbps: 2516.90256, DirtyRate: 40960,
		ExpectedDowntime: 301 * time.Millisecond, SetupTime: time.Millisecond, TotalTime: 352 * time.Millisecond,
	}
	if p != want {
		t.Errorf("took %+v", p)
	}
	// A source that was cancelled does not tell its counters any more.
	p.take(info{Status: StatusCancelled})
	want.Status = StatusCancelled
	if p != want {
		t.Errorf("then took %+v", p)
	}
}

func TestETA(t *testing.T) {
	for _, tc := range []struct {
		p    Progress
		want time.Duration
		ok   bool
	}{
		{Progress{}, 0, false},
		{Progress{Total: 1000, Remaining: 500, Mbps: 800}, 5 * time.Microsecond, true},
		{Progress{Total: 1e9, Remaining: 1e8, Mbps: 800, DirtyRate: 5e7}, 2 * time.Second, true},
		{Progress{Total: 1e9, Remaining: 1e8, Mbps: 800, DirtyRate: 1e8}, 0, false},
	} {
		if got, ok := tc.p.ETA(); got != tc.want || ok != tc.ok {
			t.Errorf("%+v gives %v, %v", tc.p, got, ok)
		}
	}
}
