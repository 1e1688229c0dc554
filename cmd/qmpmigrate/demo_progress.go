package main

import (
	"fmt"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"qmpmigrate/cmd/qmpmigrate/conduct"
)

// progressView shows a migration under way. show is called with whatever comes;
// behind end nothing of it moves any more.
type progressView interface {
	show(conduct.Progress)
	end()
}

// progress begins to show a migration: as a bar on a terminal, as a line every
// now and then elsewhere.
func (s *screen) progress() progressView {
	if s.terminal {
		return newProgressBar(s)
	}
	return &progressLines{screen: s, next: lineInterval}
}

// lineInterval is the time between two lines of a migration's progress.
const lineInterval = time.Second

// progressLines writes a line a second.
type progressLines struct {
	screen *screen
	next   time.Duration
}

func (l *progressLines) show(p conduct.Progress) {
	if p.Status != "active" || p.Total == 0 || p.Elapsed < l.next {
		return
	}
	l.next = p.Elapsed.Truncate(lineInterval) + lineInterval
	l.screen.row(pass(p), "%3.0f %% there  %s", there(p), rates(p))
}

func (l *progressLines) end() {}

func pass(p conduct.Progress) string {
	if p.Total == 0 {
		return "starting"
	}
	return fmt.Sprintf("pass %d", p.Passes)
}

// there is how many of 100 bytes of memory are on the other side, and valid there.
func there(p conduct.Progress) float64 {
	return 100 * float64(p.Total-p.Remaining) / float64(p.Total)
}

func rates(p conduct.Progress) string {
	return fmt.Sprintf("%8s/s  %8s left", mebibytes(p.Rate()), mebibytes(p.Remaining))
}

// barWidth is that of the bar alone, in cells: the line fits into 80.
const barWidth = 28

// progressBar redraws one line, and removes it at the end.
type progressBar struct {
	container *mpb.Progress
	bar       *mpb.Bar
	latest    chan conduct.Progress // holds the one that is drawn next
}

func newProgressBar(s *screen) *progressBar {
	b := &progressBar{latest: make(chan conduct.Progress, 1)}
	b.latest <- conduct.Progress{}
	text := func(of func(conduct.Progress) string) decor.Decorator {
		return decor.Any(func(decor.Statistics) string {
			p := <-b.latest
			b.latest <- p
			return of(p)
		})
	}
	b.container = mpb.New(mpb.WithOutput(s.out), mpb.WithAutoRefresh(), mpb.WithRefreshRate(100*time.Millisecond))
	b.bar = b.container.New(0, mpb.BarStyle().Lbound("").Filler("█").Tip("█").Padding("░").Rbound(""),
		mpb.BarWidth(barWidth), mpb.BarFillerTrim(),
		mpb.PrependDecorators(text(func(p conduct.Progress) string { return label(pass(p)) })),
		mpb.AppendDecorators(text(func(p conduct.Progress) string {
			if p.Total == 0 {
				return ""
			}
			return fmt.Sprintf(" %3.0f %%  %s", there(p), rates(p))
		})))
	return b
}

func (b *progressBar) show(p conduct.Progress) {
	<-b.latest
	b.latest <- p
	b.bar.SetTotal(p.Total, false)
	b.bar.SetCurrent(p.Total - p.Remaining)
}

func (b *progressBar) end() {
	b.bar.Abort(true)
	b.container.Wait()
}
