package main

import (
	"encoding/json"
	"errors"
	"io"
	"time"

	"qmpmigrate/cmd/qmpmigrate/conduct"
)

// eventInterval is the time between two events of progress.
const eventInterval = time.Second

// eventReport tells a migration to programs: one JSON object a line. Their
// members are documented in docs/cli.md.
type eventReport struct {
	options *migrateOptions
	out     *json.Encoder
	next    time.Duration
	told    map[string]string // the last status of each side
	byEvent map[string]bool   // sides that tell every change by themselves
}

func newEventReport(o *migrateOptions, out io.Writer) *eventReport {
	r := &eventReport{options: o, out: json.NewEncoder(out), told: map[string]string{}, byEvent: map[string]bool{}}
	r.out.SetEscapeHTML(false)
	return r
}

type eventHead struct {
	Event string    `json:"event"`
	Time  time.Time `json:"time"`
}

func head(event string) eventHead { return eventHead{event, time.Now().UTC()} }

type sideEvent struct {
	Address string `json:"address"`
	Version string `json:"version"`
}

func (r *eventReport) start(source, destination *conduct.Endpoint, uri string) {
	_ = r.out.Encode(struct {
		eventHead
		Source      sideEvent `json:"source"`
		Destination sideEvent `json:"destination"`
		URI         string    `json:"uri"`
	}{head("start"), sideEvent{r.options.from, source.Version()}, sideEvent{r.options.to, destination.Version()}, uri})
}

// status tells a change once.
func (r *eventReport) status(side, status string) {
	if status == "" || r.told[side] == status {
		return
	}
	r.told[side] = status
	_ = r.out.Encode(struct {
		eventHead
		Side   string `json:"side"`
		Status string `json:"status"`
	}{head("status"), side, status})
}

func (r *eventReport) event(e conduct.Event) {
	if e.Name == "MIGRATION" {
		status, _ := e.Data["status"].(string)
		r.byEvent[e.Endpoint] = true
		r.status(e.Endpoint, status)
	}
}

type measures struct {
	Total            int64  `json:"total"`
	Remaining        int64  `json:"remaining"`
	Transferred      int64  `json:"transferred"`
	Passes           int64  `json:"passes"`
	NormalPages      int64  `json:"normal-pages"`
	ZeroPages        int64  `json:"zero-pages"`
	Rate             int64  `json:"rate"`
	DirtyRate        int64  `json:"dirty-rate"`
	ExpectedDowntime int64  `json:"expected-downtime-ms"`
	ETA              *int64 `json:"eta-ms,omitempty"`
}

func measuresOf(p conduct.Progress) measures {
	m := measures{p.Total, p.Remaining, p.Transferred, p.Passes, p.NormalPages, p.ZeroPages,
		int64(p.Rate()), p.DirtyRate, p.ExpectedDowntime.Milliseconds(), nil}
	if eta, ok := p.ETA(); ok && moving(p) {
		ms := eta.Milliseconds()
		m.ETA = &ms
	}
	return m
}

func (r *eventReport) progress(p conduct.Progress, _ bool) {
	if !r.byEvent["source"] {
		r.status("source", p.Status)
	}
	if !r.byEvent["destination"] {
		r.status("destination", p.DestinationStatus)
	}
	if r.options.quiet || !moving(p) || p.Elapsed < r.next {
		return
	}
	r.next = p.Elapsed.Truncate(eventInterval) + eventInterval
	_ = r.out.Encode(struct {
		eventHead
		Elapsed int64 `json:"elapsed-ms"`
		measures
	}{head("progress"), p.Elapsed.Milliseconds(), measuresOf(p)})
}

type endEvent struct {
	eventHead
	Result      string     `json:"result"`
	ExitStatus  int        `json:"exit-status"`
	Error       string     `json:"error,omitempty"`
	Source      *endOfSide `json:"source,omitempty"`
	Destination *endOfSide `json:"destination,omitempty"`
	Differences []string   `json:"differences,omitempty"`
	Elapsed     int64      `json:"elapsed-ms"`
	TotalTime   int64      `json:"total-time-ms"`
	SetupTime   int64      `json:"setup-time-ms"`
	Downtime    int64      `json:"downtime-ms"`
	measures
}

type endOfSide struct {
	Status    string `json:"status,omitempty"`
	Error     string `json:"error,omitempty"`
	RunState  string `json:"run-state,omitempty"`
	Dismissed bool   `json:"dismissed,omitempty"`
}

func (r *eventReport) end(result conduct.Result, err error, status int) {
	e := endEvent{
		eventHead: head("end"), Result: "completed", ExitStatus: status,
		Elapsed: result.Elapsed.Milliseconds(), TotalTime: result.TotalTime.Milliseconds(),
		SetupTime: result.SetupTime.Milliseconds(), Downtime: result.Downtime.Milliseconds(),
		measures: measuresOf(result.Progress),
	}
	if err == nil {
		e.Source = &endOfSide{Status: result.Status}
		e.Destination = &endOfSide{Status: result.DestinationStatus, RunState: result.RunState}
	} else {
		e.Result, e.Error = "not-started", err.Error()
	}
	if f, ok := errors.AsType[*conduct.Failure](err); ok {
		e.Result, e.Error = "failed", f.Headline()
		switch {
		case errors.Is(err, conduct.ErrAbandoned):
			e.Result = "abandoned"
		case f.Source.Status == conduct.StatusCancelled:
			e.Result = "cancelled"
		}
		e.Source, e.Destination = sideOf(f.Source), sideOf(f.Destination)
		e.Destination.Dismissed, e.Differences = f.Dismissed, f.Differences
	}
	_ = r.out.Encode(e)
}

func sideOf(s conduct.Side) *endOfSide {
	end := &endOfSide{Status: s.Status, Error: s.Desc, RunState: s.RunState}
	if s.Err != nil {
		end.Error = s.Words()
	}
	return end
}
