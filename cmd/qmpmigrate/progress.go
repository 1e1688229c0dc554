package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"qmpmigrate/cmd/qmpmigrate/conduct"
)

// progressView shows a migration under way. show is called with whatever comes,
// note with a line that is to stay; behind end nothing of it moves any more.
type progressView interface {
	show(conduct.Progress)
	note(string)
	end()
}

// progress begins to show a migration: as a bar on a terminal, as a line every
// now and then elsewhere. more is what is to be said besides; nil is nothing.
func (s *screen) progress(interval time.Duration, more func(conduct.Progress) string) progressView {
	if s.terminal {
		return newProgressBar(s, more)
	}
	return &progressLines{screen: s, interval: interval, next: interval, more: more}
}

// progressLines writes a line every interval.
type progressLines struct {
	screen         *screen
	interval, next time.Duration
	more           func(conduct.Progress) string
}

func (l *progressLines) show(p conduct.Progress) {
	if !moving(p) || p.Elapsed < l.next {
		return
	}
	l.next = p.Elapsed.Truncate(l.interval) + l.interval
	text := fmt.Sprintf("%3.0f %% there  %s", there(p), rates(p))
	if l.more != nil {
		text += "  " + l.more(p)
	}
	l.screen.row(pass(p), "%s", text)
}

func (l *progressLines) note(text string) { fmt.Fprintln(l.screen.out, text) }

func (l *progressLines) end() {}

// moving: memory goes over the wire.
func moving(p conduct.Progress) bool {
	return p.Total != 0 && (p.Status == "active" || strings.HasPrefix(p.Status, "postcopy-"))
}

func pass(p conduct.Progress) string {
	if p.Total == 0 {
		return "starting"
	}
	if strings.HasPrefix(p.Status, "postcopy-") {
		return "postcopy"
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

// progressBar redraws its lines, and removes them at the end.
type progressBar struct {
	container *mpb.Progress
	bar       *mpb.Bar
	latest    chan conduct.Progress // holds the one that is drawn next
}

func newProgressBar(s *screen, more func(conduct.Progress) string) *progressBar {
	b := &progressBar{latest: make(chan conduct.Progress, 1)}
	b.latest <- conduct.Progress{}
	text := func(of func(conduct.Progress) string) decor.Decorator {
		return decor.Any(func(decor.Statistics) string { return of(b.current()) })
	}
	options := []mpb.BarOption{
		mpb.BarWidth(barWidth), mpb.BarFillerTrim(),
		mpb.PrependDecorators(text(func(p conduct.Progress) string { return label(pass(p)) })),
		mpb.AppendDecorators(text(func(p conduct.Progress) string {
			if p.Total == 0 {
				return ""
			}
			return fmt.Sprintf(" %3.0f %%  %s", there(p), rates(p))
		})),
	}
	if more != nil {
		options = append(options, mpb.BarExtender(mpb.BarFillerFunc(func(w io.Writer, _ decor.Statistics) error {
			_, err := fmt.Fprintf(w, "%s%s\n", label(""), more(b.current()))
			return err
		}), false))
	}
	b.container = mpb.New(mpb.WithOutput(s.out), mpb.WithAutoRefresh(), mpb.WithRefreshRate(100*time.Millisecond))
	b.bar = b.container.New(0, mpb.BarStyle().Lbound("").Filler("█").Tip("█").Padding("░").Rbound(""), options...)
	return b
}

// current is what is to be drawn.
func (b *progressBar) current() conduct.Progress {
	p := <-b.latest
	b.latest <- p
	return p
}

func (b *progressBar) note(text string) { _, _ = fmt.Fprintln(b.container, text) }

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
