package qmp

import (
	"os"
	"sync"

	"qmpmigrate/qapi"
)

// namedFDs are the descriptors that the clients of a monitor gave names.
type namedFDs struct {
	mu     sync.Mutex
	closed bool
	byName map[string]*os.File
}

// put stores file in place of one of that name, which it closes.
func (f *namedFDs) put(name string, file *os.File) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		file.Close()
		return
	}
	if old := f.byName[name]; old != nil {
		old.Close()
	}
	if f.byName == nil {
		f.byName = map[string]*os.File{}
	}
	f.byName[name] = file
}

// remove takes the file of that name out, or returns nil.
func (f *namedFDs) remove(name string) *os.File {
	f.mu.Lock()
	defer f.mu.Unlock()
	file := f.byName[name]
	delete(f.byName, name)
	return file
}

func (f *namedFDs) take(name string) (*os.File, error) {
	file := f.remove(name)
	if file == nil {
		return nil, qapi.Errorf("File descriptor named '%s' has not been found", name)
	}
	return file, nil
}

// close closes all files; from then on none is kept.
func (f *namedFDs) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for _, file := range f.byName {
		file.Close()
	}
	clear(f.byName)
}
