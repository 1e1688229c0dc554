package migration

import (
	"context"
	"time"

	"qmpmigrate/channels"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/rdma"
)

// reaching makes pages go straight to the memory of a destination that can be
// reached so.
func (o *outgoing) reaching(conn channels.Conn, r *ram.Options) {
	if c, ok := conn.(*rdma.Conn); ok {
		r.RDMA = c.Source(o.stats.Direct())
	}
}

// partTime is how long a destination has to hang up.
const partTime = 5 * time.Second

// part lets a destination that has all hang up first. A QEMU 7.2 to which memory
// followed takes a source that does so for the moment to load once more: it
// fails, and takes the VM with it.
func (o *outgoing) part(conn channels.Conn) {
	c, ok := conn.(*rdma.Conn)
	if !ok || !o.heard || !o.ramFollows() {
		return
	}
	ctx, cancel := context.WithTimeout(o.ctx, partTime)
	defer cancel()
	c.Await(ctx)
}

// reached lets the source reach this machine's memory, if it can. done ends that.
func (in *incoming) reached(conn channels.Conn, pages *ram.Loader) (done func()) {
	c, ok := conn.(*rdma.Conn)
	if !ok {
		return func() {}
	}
	t := c.Target(&in.m.loaded.Zero)
	pages.Direct(t)
	return t.Close
}
