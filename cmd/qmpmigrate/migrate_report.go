package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"qmpmigrate/cmd/qmpmigrate/conduct"
)

// migrateReport is where a migration is told.
type migrateReport interface {
	start(source, destination *conduct.Endpoint, uri string)
	// progress is how it goes; ending when somebody wishes its end.
	progress(p conduct.Progress, ending bool)
	event(conduct.Event)
	end(result conduct.Result, err error, status int)
}

func newReport(o *migrateOptions, stdout, stderr io.Writer) migrateReport {
	if o.json {
		return newEventReport(o, stdout)
	}
	return &textReport{options: o, out: newScreen(stdout), errs: newScreen(stderr)}
}

// reportInterval is the time between two lines of progress.
const reportInterval = 2 * time.Second

// textReport tells it to people.
type textReport struct {
	options   *migrateOptions
	out, errs *screen
	view      progressView // nil when nothing is shown
	ending    bool         // has been told
}

func (r *textReport) start(source, destination *conduct.Endpoint, uri string) {
	if r.options.quiet {
		return
	}
	r.out.row("source", "%s, version %s", r.options.from, source.Version())
	r.out.row("destination", "%s, version %s, at %s", r.options.to, destination.Version(), uri)
	r.view = r.out.progress(reportInterval, outlook)
}

// outlook is what is expected.
func outlook(p conduct.Progress) string {
	text := fmt.Sprintf("guest writes %s/s  downtime %s", mebibytes(p.DirtyRate), span(p.ExpectedDowntime))
	if eta, ok := p.ETA(); ok {
		text += "  ETA " + span(eta)
	}
	return text
}

func (r *textReport) progress(p conduct.Progress, ending bool) {
	if r.view == nil {
		return
	}
	if ending && !r.ending {
		r.ending = true
		if p.Committed {
			r.view.note("The guest goes on at the destination and cannot be called back: waiting (Ctrl-C again: do not wait)")
		} else {
			r.view.note("Cancelling (Ctrl-C again: do not wait for it)")
		}
	}
	r.view.show(p)
}

func (r *textReport) event(conduct.Event) {}

func (r *textReport) end(result conduct.Result, err error, _ int) {
	if r.view != nil {
		r.view.end()
	}
	if err == nil {
		r.summary(result)
		return
	}
	failure, ok := errors.AsType[*conduct.Failure](err)
	if !ok {
		fmt.Fprintf(r.errs.out, "qmpmigrate migrate: %v\n", err)
		return
	}
	fmt.Fprintf(r.errs.out, "qmpmigrate migrate: %s\n", failure.Headline())
	r.errs.row("source", "%s", sourceEnd(failure, result.Committed))
	r.errs.row("destination", "%s", destinationEnd(failure))
	if failure.Source.Status != conduct.StatusCancelled {
		for _, text := range failure.Differences {
			r.errs.row("they differ", "%s", text)
		}
	}
}

func (r *textReport) summary(result conduct.Result) {
	if r.options.quiet {
		return
	}
	r.out.row("completed", "in %s (%s of set-up); the guest stood still for %s",
		span(result.TotalTime), span(result.SetupTime), span(result.Downtime))
	r.out.row("sent", "%s in %d passes, at %s/s", mebibytes(result.Transferred), result.Passes, mebibytes(result.Rate()))
	state := result.RunState
	if state == "" {
		state = "it does not say how the guest is"
	}
	r.out.row("destination", "%s", state)
}

// sourceEnd tells how the source ended, and what has become of the guest there.
func sourceEnd(f *conduct.Failure, committed bool) string {
	var parts []string
	if s := f.Source; !f.CalledOff() && (s.Status != conduct.StatusCancelled || s.Desc != "") {
		parts = append(parts, s.Words())
	}
	switch state := f.Source.RunState; {
	case state == "":
	case committed:
		parts = append(parts, "only a part of the guest's memory is left there ("+state+")")
	case state == "running":
		parts = append(parts, "the guest runs on there")
	case state == "postmigrate", state == "finish-migrate":
		parts = append(parts, "the guest is stopped there ("+state+")")
	default:
		parts = append(parts, "the guest is there ("+state+")")
	}
	return strings.Join(parts, "; ")
}

// destinationEnd tells how the destination ended.
func destinationEnd(f *conduct.Failure) string {
	text := f.Destination.Words()
	if f.Dismissed {
		text += "; it was told to quit, for it cannot take another guest"
	}
	return text
}
