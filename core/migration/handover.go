package migration

import (
	"qmpmigrate/channels"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/migration/answers"
)

// orphaned says whether a source that waits for the last word has hung up. It
// was cancelled, or is no more.
func orphaned(back *answers.Path, conn channels.Conn) bool {
	return back.Opened() && channels.HungUp(conn)
}

// handOver makes the machine that was loaded its host's, who runs it. That of a
// source that hung up is kept but not started, as nobody here can know whether
// it goes on there: never must it run twice.
func (in *incoming) handOver(orphan bool) error {
	if orphan {
		in.m.host.Report("the source hung up before it heard that the VM is here, and may run it on: it is not started")
		return in.m.host.IncomingKept()
	}
	return in.m.host.IncomingLoaded(in.m.settings.Rounds())
}

// settle hands the machine over to its host, or gives it up, once conn has brought
// the VM, or has not because of err. follows: the VM is here, and runs, and
// something of it is still to come.
func (a *arrival) settle(conn channels.Conn, follows bool, err error) error {
	m := a.in.m
	m.points.through(err, a.reached())
	if follows {
		m.points.loadedLate.Tell()
		if u, ok := a.machine.(guest.Undescribed); ok {
			u.Undescribed()
		}
	}
	if err == nil {
		a.in.missing(a.machine, a.pages)
		err = a.machine.Loaded()
	}
	m.settings.Adopted(a.machine.Configuration().Machine, !a.switched)
	if err == nil && a.colo {
		return a.followPrimary()
	}
	orphan := err == nil && !follows && orphaned(a.back, conn)
	if err == nil {
		a.pages.Close() // what was made ready in vain is given back: no more of it once the VM writes there
		a.in.stages.passed(partSettle, "dst-precopy-loadvm-completed")
		a.bitmaps.Begin()
		err = a.in.handOver(orphan)
		a.in.stages.passed(partStart, "dst-precopy-bh-vm-started")
	}
	if err = a.finish(err); err == nil {
		a.bitmaps.Cancel() // those that never got whole: the next migration could not begin with them
		a.in.complete()    // whoever hears from the source that it has finds that this end has, too
	}
	// What the source hears does not change how loading ended; one that hung
	// up since the VM runs here cannot undo that.
	_ = a.back.Shut(err != nil || orphan)
	return err
}
