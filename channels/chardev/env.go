package chardev

import (
	"io/fs"
	"os"
)

// Env is what a device needs of the process that it is part of.
type Env struct {
	// In and Out are standard input and output; nil: those of this process.
	In, Out *os.File
	// Info tells people something while the device is being opened, Warn later. nil: nobody hears it.
	Info, Warn func(text string)
	// Yank enters a socket into a register of what can be cut off. nil: there is none.
	Yank func(label string, cut func()) (remove func(), err error)
	// OpenFile opens the files that a Config names; nil: os.OpenFile.
	OpenFile func(path string, flag int, perm fs.FileMode) (*os.File, error)
	// Quit is what a user of a shared device asks for with C-a x; nil: nothing.
	Quit func()
}

func (e Env) filled() Env {
	if e.In == nil {
		e.In = os.Stdin
	}
	if e.Out == nil {
		e.Out = os.Stdout
	}
	if e.Info == nil {
		e.Info = func(string) {}
	}
	if e.Warn == nil {
		e.Warn = func(string) {}
	}
	if e.Yank == nil {
		e.Yank = func(string, func()) (func(), error) { return func() {}, nil }
	}
	if e.OpenFile == nil {
		e.OpenFile = os.OpenFile
	}
	if e.Quit == nil {
		e.Quit = func() {}
	}
	return e
}
