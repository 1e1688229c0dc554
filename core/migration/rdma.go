package migration

import (
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
