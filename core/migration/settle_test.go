package migration

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/block"
	"qmpmigrate/core/block/blocktest"
	"qmpmigrate/core/dirtybitmap"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/migration/answers"
	"qmpmigrate/core/migration/states"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
	"qmpmigrate/core/yank"
	"qmpmigrate/qapi"
)

// arrived is a destination that has loaded all there is of a machine, behind a wall.
func arrived(t *testing.T, conn *wall) (*arrival, *still) {
	t.Helper()
	pages, err := memory.New("ram", 16*memory.PageSize)
	if err != nil {
		t.Fatal(err)
	}
	g := &heap{[]*memory.Block{pages}}
	t.Cleanup(func() { g.Close() })
	m, h := newStill()
	h.machine = guest.Native(g, savevm.Configuration{Machine: "heap-1.0"})
	in := m.newIncoming(false)
	if in.release, err = h.yanks.Add(yank.Instance{Kind: yank.Migration}, in.yank); err != nil {
		t.Fatal(err)
	}
	in.advance(states.TargetListen)
	in.advance(states.TargetConnect)
	m.in = in
	a := &arrival{in: in, machine: h.machine, pages: ram.NewLoader(h.machine, &m.loaded, ram.Options{})}
	a.ctx, a.giveUp = in.ctx, in.cancel
	a.bitmaps = dirtybitmap.NewLoader(nil, nil, h.Report)
	a.back = answers.New(conn, answers.Config{})
	said(t, "open", a.back.Command(wire.CmdOpenReturnPath, nil), "")
	return a, h
}

// nobody is a listener that nobody comes to.
type nobody struct{ channels.Listener }

func (nobody) Close() error { return nil }

// Whoever hears from the source that it has completed finds a destination that has, too, and can go on at once.
func TestLastWordComesLast(t *testing.T) {
	last := wire.AppendReply(nil, wire.ReplyShut, []byte{0, 0, 0, 0})
	disks, node := &block.Graph{}, blocktest.NewMemory(1<<20).Node("n")
	if err := disks.AddNode(node); err != nil {
		t.Fatal(err)
	}
	var a *arrival
	var h *still
	heard := false
	conn := newWall(func(p []byte) error {
		if heard = bytes.Equal(p, last); heard {
			if s, err := a.in.state(); s != qapi.MigrationStatusCompleted || err != nil {
				t.Errorf("the source hears that all is well, and the destination is %s, %v", s, err)
			}
			if list := h.yanks.List(); len(list) > 0 {
				t.Errorf("the next migration cannot begin: there is %v", list)
			}
			if left := node.Bitmaps(); len(left) > 0 {
				t.Errorf("the next migration cannot begin: bitmap %s never got whole, and is there", left[0].Name())
			}
		}
		return nil
	})
	a, h = arrived(t, conn)
	a.bitmaps = dirtybitmap.NewLoader(disks, nil, h.Report)
	part := wire.AppendDirtyStart(wire.AppendDirty(nil, wire.DirtyStart|wire.DirtyNode|wire.DirtyBitmap, "n", "part"), 512, wire.DirtyEnabled)
	part = append(part, byte(wire.DirtyEOS))
	said(t, "bitmap", a.bitmaps.Load(stream.NewReader(bytes.NewReader(part)), wire.DirtyVersion), "")
	said(t, "settle", a.settle(conn, false, nil), "")
	if !heard {
		t.Error("no last word")
	}
}

// A machine that comes to its end does not cut off the last word of a migration that has completed, but does not wait
// for ever for who does not hear it.
func TestLastWordAtTheEnd(t *testing.T) {
	for name, deaf := range map[string]bool{"slow": false, "deaf": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				last := wire.AppendReply(nil, wire.ReplyShut, []byte{0, 0, 0, 0})
				var told error
				var conn *wall
				conn = newWall(func(p []byte) error {
					if !bytes.Equal(p, last) {
						return nil
					}
					slow := time.After(lastWordTime / 2)
					if deaf {
						slow = nil
					}
					select {
					case <-slow:
					case <-conn.over:
						told = errors.New("cut off")
					}
					return told
				})
				a, _ := arrived(t, conn)
				a.in.listener = nobody{}
				go func() {
					defer close(a.in.done)
					defer context.AfterFunc(a.in.ctx, func() { conn.Shutdown() })()
					_ = a.settle(conn, false, nil)
				}()
				synctest.Wait()
				a.in.close()
				if (told != nil) != deaf {
					t.Errorf("told: %v", told)
				}
			})
		})
	}
}

// A source that comes back at the moment in which the VM is given up is cut off: nobody else would do it.
func TestSourceComesBackTooLate(t *testing.T) {
	a, _ := arrived(t, newWall(func([]byte) error { return nil }))
	a.ctx, a.giveUp = context.WithCancel(a.in.ctx)
	a.giveUp()
	conn := newWall(func([]byte) error { return nil })
	a.reconnect(conn)
	if _, err := conn.Write(nil); err == nil {
		t.Error("the channel is open")
	}
	conn = newWall(func([]byte) error { return nil })
	a.ctx = a.in.ctx
	a.reconnect(conn)
	if _, err := conn.Write(nil); err != nil {
		t.Error("one that comes in time is cut off")
	}
}
