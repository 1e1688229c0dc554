package migration

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"qmpmigrate/core/dirtybitmap"
	"qmpmigrate/core/guest"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/migration/answers"
	"qmpmigrate/core/postcopy"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/trace"
	"qmpmigrate/core/wire"
	"qmpmigrate/qapi"
)

// arrival is postcopy at a destination: the VM comes in a package, and what is
// left of its memory follows. It carries out what the stream commands, in the
// goroutine that loads, and from LISTEN on in one more that reads what follows.
type arrival struct {
	in      *incoming
	ctx     context.Context // its end gives the VM up
	giveUp  context.CancelFunc
	machine guest.Machine
	loader  *savevm.Loader
	pages   *ram.Loader
	bitmaps *dirtybitmap.Loader
	// unreached ends what lets the source write into memory itself.
	unreached func()

	// These change when the source comes back.
	r    *stream.Reader
	back *answers.Path

	// switched: SWITCHOVER_START has come.
	switched bool
	colo     bool              // the VM will go on at both ends
	locked   bool              // it does, in lock step
	follows  bool              // RAM does, and not only what there is besides
	memory   *postcopy.Memory  // from the first discard on
	main     *postcopy.Channel // from LISTEN on
	express  *express          // the second channel, while there is one
	ran      chan struct{}     // from LISTEN on: closed at RUN
	done     chan struct{}     // from LISTEN on: closed when nothing more is read
	err      error             // why that failed; valid once done is closed

	mu    sync.Mutex
	state arrivalState
}

func (a *arrival) points() *arrivalPoints { return &a.in.m.points.arrival }

// command is a savevm.Loader's, for commands outside of a package.
func (a *arrival) command(code wire.CommandCode, payload []byte) error {
	if a.locked && code != wire.CmdSwitchoverStart {
		return fmt.Errorf("command %s at a checkpoint", code)
	}
	switch code {
	case wire.CmdPostcopyListen, wire.CmdPostcopyRun:
		if err := a.due(code); err != nil {
			return err
		}
		return fmt.Errorf("CMD_%s outside of a package", code)
	case wire.CmdEnableCOLO:
		return a.enableCOLO()
	}
	return a.common(code, payload)
}

// packaged is a savevm.Loader's, for those in a package.
func (a *arrival) packaged(code wire.CommandCode, payload []byte) error {
	switch code {
	case wire.CmdPostcopyListen:
		return a.listen()
	case wire.CmdPostcopyRun:
		return a.run()
	}
	return a.common(code, payload)
}

func (a *arrival) common(code wire.CommandCode, payload []byte) error {
	switch code {
	case wire.CmdPostcopyAdvise:
		return a.advise(payload)
	case wire.CmdPostcopyRAMDiscard:
		return a.discard(payload)
	case wire.CmdRecvBitmap:
		return a.bitmap(payload)
	case wire.CmdPostcopyResume:
		return a.resume()
	case wire.CmdSwitchoverStart:
		a.switched = true
	}
	return a.back.Command(code, payload)
}

// due says what is wrong with a command that is the package's, in the state of now.
func (a *arrival) due(code wire.CommandCode) error {
	s := a.reached()
	if code == wire.CmdPostcopyListen && (s == arrivalAdvised || s == arrivalDiscards) ||
		code == wire.CmdPostcopyRun && s == arrivalListening {
		return nil
	}
	return fmt.Errorf("CMD_%s in wrong postcopy state (%d)", code, s)
}

// advise compares the memory of both ends. A machine that is made as it comes
// takes over what pages the source has.
func (a *arrival) advise(payload []byte) error {
	a.points().advise.Tell()
	if err := a.enter("CMD_POSTCOPY_ADVISE", arrivalAdvised, arrivalNone); err != nil {
		return err
	}
	advise, follows, err := wire.ParseAdvise(payload)
	if err != nil {
		return err
	}
	switch enabled := a.in.m.settings.Enabled(qapi.MigrationCapabilityPostcopyRAM); {
	case enabled && !follows:
		return errors.New("RAM postcopy is enabled but have 0 byte advise")
	case !enabled && follows:
		return errors.New("RAM postcopy is disabled but have 16 byte advise")
	case !follows:
		return nil
	case a.colo:
		return errBoth
	}
	blocks := a.machine.Blocks()
	if own := postcopy.HostPages(blocks); len(blocks) > 0 && own != advise.HostPages {
		return fmt.Errorf("Postcopy needs matching RAM page sizes (s=%x d=%x)", advise.HostPages, own)
	}
	if advise.TargetPage != memory.PageSize {
		return fmt.Errorf("Postcopy needs matching target page sizes (s=%d d=%d)", int32(advise.TargetPage), memory.PageSize)
	}
	a.follows = true
	if a.in.m.settings.Enabled(qapi.MigrationCapabilityPostcopyBlocktime) {
		a.in.times.Store(postcopy.NewBlocktime(a.in.m.host.VCPUs()))
	}
	a.pages.Advise(advise.HostPages, len(blocks) == 0)
	return nil
}

func (a *arrival) discard(payload []byte) error {
	a.points().discard.Tell()
	if err := a.enter("CMD_POSTCOPY_RAM_DISCARD", arrivalDiscards, arrivalAdvised, arrivalDiscards); err != nil {
		return err
	}
	if !a.follows {
		return errors.New("CMD_POSTCOPY_RAM_DISCARD for RAM that does not follow the VM")
	}
	d, err := wire.ParseDiscard(payload)
	if err != nil {
		return err
	}
	a.points().discardHead.Tell(trace.Str("ramid", d.Block), trace.Int("len", len(d.Ranges)))
	a.prepare()
	err = d.Each(func(start, length uint64) error { return a.memory.Discard(d.Block, start, length) })
	a.points().discardEnd.Tell()
	return err
}

// prepare ends precopy.
func (a *arrival) prepare() {
	if a.memory != nil {
		return
	}
	// What was made ready for more pages must not be given back later.
	a.pages.Close()
	a.unreached()
	a.memory = postcopy.New(a.machine.Blocks(), a.in.times.Load())
	a.memory.Trace(a.in.m.host.Trace())
}

var errBetween = errors.New("RAM between the discards and the VM that it follows")

// Load is that of the ram section: the loader's, or from LISTEN on the channel's.
func (a *arrival) Load(r *stream.Reader, version uint32) error {
	switch {
	case a.main != nil:
		return a.main.Load(r, version)
	case a.memory != nil:
		return errBetween
	case a.begun():
		return a.pages.LoadNone(r)
	}
	return a.pages.Load(r, version)
}
