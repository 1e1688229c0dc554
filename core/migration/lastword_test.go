package migration

import (
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
	"qmpmigrate/core/migration/states"
)

// oneWay is a wall that has a way back when nothing more is sent.
type oneWay struct{ *wall }

func (oneWay) CloseWrite() error { return nil }

// Who cancels does not want the VM to run at both ends, and waits for a word
// that is late; who yanks, or quits, wants an end.
func TestPatience(t *testing.T) {
	const second = time.Second
	cancel := func(o *outgoing) { o.end(states.SourceCancel) }
	yank := (*outgoing).yank
	quit := func(o *outgoing) { o.end(states.SourceQuit) }
	for name, c := range map[string]struct {
		first, then func(*outgoing)
		word        time.Duration // when it comes; 0: never
		want        time.Duration // when the wait is over
	}{
		"cancel, a late word":   {first: cancel, word: 3 * second, want: 3 * second},
		"cancel, no word":       {first: cancel, want: patience},
		"yank, no word":         {first: yank, want: lastWordTime},
		"yank, a word":          {first: yank, word: second / 2, want: second / 2},
		"quit, no word":         {first: quit, want: lastWordTime},
		"cancel, yank, no word": {first: cancel, then: yank, want: 2*second + lastWordTime},
		"cancel, yank, a word":  {first: cancel, then: yank, word: 5 * second / 2, want: 5 * second / 2},
		"cancel, quit, no word": {first: cancel, then: quit, want: 2*second + lastWordTime},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, _ := newStill()
				o, err := m.newOutgoing(channels.Address{})
				if err != nil {
					t.Fatal(err)
				}
				defer o.hurry()
				o.advance(states.SourceStart)
				conn, r := oneWay{newWall(func([]byte) error { return nil })}, newReplies()
				o.conn, o.replies, o.offered = conn, r, true
				began, answer := time.Now(), make(chan error)
				go func() { answer <- o.answered(conn, nil) }()
				go func() {
					var word <-chan time.Time
					if c.word != 0 {
						word = time.After(c.word)
					}
					select {
					case <-word:
					case <-conn.over:
						r.err = links.ErrHungUp
					}
					close(r.done)
				}()
				c.first(o)
				if c.then != nil {
					time.Sleep(2 * second)
					c.then(o)
				}
				err = <-answer
				if took := time.Since(began); took != c.want || (err == nil) != (c.word != 0) || o.heard != (c.word != 0) {
					t.Errorf("%v after %v", err, took)
				}
			})
		})
	}
}
