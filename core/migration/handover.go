package migration

import (
	"qmpmigrate/channels"
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
