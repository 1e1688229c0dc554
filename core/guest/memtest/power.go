package memtest

import (
	"sync/atomic"

	"qmpmigrate/core/vmstate"
)

// power is how the guest and its power management stand. A vCPU and a monitor
// may touch it at the same time.
type power struct {
	// asleep: the guest asked to be suspended, and does nothing more until a
	// Reset. It is one of the controls.
	asleep *atomic.Bool
	// pressed: somebody pressed the power button, and the guest has not obeyed yet.
	pressed atomic.Bool
	// obeys: the guest shuts down when the button is pressed.
	obeys bool

	suspend, shutdown func()
}

// Powerdown presses the power button. A guest that obeys asks to be shut down,
// at once if it runs, or else as soon as it does. The same goroutine calls it
// that calls Start.
func (m *Machine) Powerdown() {
	p := &m.board.power
	if p.obeys {
		p.pressed.Store(true)
		m.obey()
	}
}

// obey asks for what the power button wants of a guest that runs.
func (m *Machine) obey() {
	p := &m.board.power
	if m.running.Load() && p.pressed.Load() && !p.asleep.Load() {
		p.shutdown()
	}
}

func (p *power) reset() {
	p.asleep.Store(false)
	p.pressed.Store(false)
}

// state is there only if there is something to say.
func (p *power) state(name string) *vmstate.Description {
	var asleep, pressed, obeys bool
	return &vmstate.Description{
		Name: name, Version: 1, MinVersion: 1,
		Fields: []vmstate.Field{
			vmstate.Bool("asleep", &asleep),
			vmstate.Bool("pressed", &pressed),
			vmstate.Bool("obeys", &obeys),
		},
		Needed: func() bool { return p.asleep.Load() || p.pressed.Load() || p.obeys },
		PreSave: func() error {
			asleep, pressed, obeys = p.asleep.Load(), p.pressed.Load(), p.obeys
			return nil
		},
		PostLoad: func(uint32) error {
			p.asleep.Store(asleep)
			p.pressed.Store(pressed)
			p.obeys = obeys
			return nil
		},
	}
}
