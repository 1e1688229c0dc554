package migration

import (
	"runtime"

	"golang.org/x/sys/unix"

	"qmpmigrate/channels"
	"qmpmigrate/core/migration/links"
)

// standBack is called by the goroutine that sends, or takes in, on the main channel what nobody waits for, where what is
// asked for has a channel of its own. It gets a thread to itself, which ends with it, and from then on every other thread
// that wakes has its processor first: its time is no less in all, but in turns as long as the system allows. Whoever asks
// for a page, or brings one, would wait for the end of a turn otherwise, which is milliseconds. Linux before 6.12 knows
// nothing like it. inside is channels.ReadInside or WriteInside.
func standBack(conn channels.Conn, inside func(channels.Conn)) {
	if _, ok := conn.(*links.Pair); !ok {
		return
	}
	runtime.LockOSThread()
	inside(conn)
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil || attr.Policy != unix.SCHED_NORMAL {
		return
	}
	attr.Runtime = longestTurn
	// Where it is refused the thread has turns as all have.
	_ = unix.SchedSetAttr(0, attr, 0)
}

// longestTurn is the system's limit, in nanoseconds.
const longestTurn = 100e6
