package multifd

import (
	"errors"
	"sync"
)

// errClosed is why lanes that were closed do no more.
var errClosed = errors.New("multifd: the lanes are closed")

// ending is the end of all lanes of one side, which the first reason brings about.
type ending struct {
	once sync.Once
	stop chan struct{} // closed when the lanes are to end
	err  error         // why; valid once stop is closed
}

// end has the lanes end because of err; tell is called the first time.
func (e *ending) end(err error, tell func()) {
	e.once.Do(func() {
		e.err = err
		close(e.stop)
		tell()
	})
}

// Err is why a lane failed, nil while none has.
func (e *ending) Err() error {
	select {
	case <-e.stop:
		if !errors.Is(e.err, errClosed) {
			return e.err
		}
	default:
	}
	return nil
}
