package passfd

import (
	"os"
	"sync"

	"qmpmigrate/qapi"
)

// Names are the descriptors that the clients of a monitor gave names. The zero value has none.
type Names struct {
	mu     sync.Mutex
	closed bool
	byName map[string]*os.File
}

// Put stores file in place of one of that name, which it closes.
func (f *Names) Put(name string, file *os.File) {
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

// Remove takes the file of that name out, or returns nil.
func (f *Names) Remove(name string) *os.File {
	f.mu.Lock()
	defer f.mu.Unlock()
	file := f.byName[name]
	delete(f.byName, name)
	return file
}

// Take is Remove for commands that use the descriptor.
func (f *Names) Take(name string) (*os.File, error) {
	file := f.Remove(name)
	if file == nil {
		return nil, qapi.Errorf("File descriptor named '%s' has not been found", name)
	}
	return file, nil
}

// Close closes all files; from then on none is kept.
func (f *Names) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for _, file := range f.byName {
		file.Close()
	}
	clear(f.byName)
}
