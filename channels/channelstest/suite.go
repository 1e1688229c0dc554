// Package channelstest holds the tests that every kind of channel, and every wrapper of one, has to pass.
package channelstest

import (
	"slices"
	"testing"
	"time"

	"qmpmigrate/channels"
)

// Kind describes one kind of channel to the suite.
type Kind struct {
	// Open makes a channel. What is written to out arrives at in, which is opened when the function is called. Both
	// are closed by the suite.
	Open func(t testing.TB) (out channels.Conn, in func() channels.Conn)

	// TwoWay says that in can answer.
	TwoWay bool

	// Stored says that in is to be opened after out was closed: nothing flows and nobody ever waits, as with files.
	Stored bool

	// Meets says that a write waits until somebody reads: nothing is kept in between. What is tested of writers
	// without a reader is left out.
	Meets bool

	// Allocates allows calls to allocate memory.
	Allocates bool
}

// Run tests a kind.
func Run(t *testing.T, k Kind) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Kind)
		live bool // makes no sense for stored kinds
	}{
		{"RandomShapes", testRandomShapes, false},
		{"ManyBuffers", testManyBuffers, false},
		{"NoRoom", testNoRoom, true},
		{"ArgumentsUntouched", testArgumentsUntouched, false},
		{"EndRepeats", testEndRepeats, false},
		{"Direction", testDirection, true},
		{"NoAllocations", testNoAllocations, false},
		{"ShutdownFreesReader", testShutdownFreesReader, true},
		{"ShutdownFreesWriter", testShutdownFreesWriter, true},
		{"ShutdownReachesPeer", testShutdownReachesPeer, true},
		{"ShutdownTwice", testShutdownTwice, false},
		{"CloseFreesReader", testCloseFreesReader, true},
		{"CloseFreesWriter", testCloseFreesWriter, true},
		{"PeerGone", testPeerGone, true},
		{"NumberReused", testNumberReused, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.live && k.Stored {
				t.Skip("nothing flows")
			}
			if k.Meets && slices.Contains([]string{"ShutdownFreesWriter", "ShutdownReachesPeer", "CloseFreesWriter", "PeerGone", "NoAllocations"}, test.name) {
				t.Skip("a write waits for a reader")
			}
			test.run(t, k)
		})
	}
}

// open makes both ends of a kind that is not stored.
func (k Kind) open(t testing.TB) (out, in channels.Conn) {
	out, later := k.Open(t)
	in = later()
	t.Cleanup(func() {
		in.Shutdown() // a command that still has something to deliver would hold Close up
		out.Shutdown()
		in.Close()
		out.Close()
	})
	return out, in
}

// flow writes with one function and reads with another, at the same time or, for stored kinds, one after the other.
func (k Kind) flow(t *testing.T, write, read func(channels.Conn)) {
	out, later := k.Open(t)
	if k.Stored {
		write(out)
		closeConn(t, out)
		in := later()
		read(in)
		closeConn(t, in)
		return
	}
	in := later()
	done := start(func() {
		write(out)
		closeConn(t, out)
	})
	read(in)
	done.wait(t, "the writer")
	closeConn(t, in)
}

func closeConn(t testing.TB, c channels.Conn) {
	if err := c.Close(); err != nil {
		t.Errorf("closing %s: %v", c, err)
	}
}

// task is a function that runs in a goroutine.
type task chan struct{}

func start(f func()) task {
	done := make(task)
	go func() {
		defer close(done)
		f()
	}()
	return done
}

// wait fails the test when the task takes impossibly long.
func (d task) wait(t testing.TB, what string) {
	t.Helper()
	select {
	case <-d:
	case <-time.After(time.Minute):
		t.Fatalf("%s did not return", what)
	}
}
