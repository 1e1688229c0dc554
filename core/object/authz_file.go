package object

import (
	"os"
	"sync"
	"time"

	"qmpmigrate/core/qom"
	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// AuthzFile is a list of rules in a file, which is read anew when it changes.
type AuthzFile struct {
	path    string
	refresh bool

	mu    sync.Mutex
	rules *qapi.AuthZListProperties
	seen  stamp
}

// stamp tells one state of the file from another.
type stamp struct {
	size int64
	time time.Time
}

func newAuthzFile(p *qapi.AuthZListFileProperties) (*AuthzFile, error) {
	a := &AuthzFile{path: p.Filename, refresh: otherwise(p.Refresh, true)}
	if err := a.read(); err != nil {
		return nil, err
	}
	return a, nil
}

// read takes the rules from the file.
func (a *AuthzFile) read() error {
	a.seen = stampOf(a.path)
	text, err := readFile(a.path)
	if err != nil {
		return qapi.Errorf("Unable to read '%s': %s", a.path, err)
	}
	value, err := qobject.Parse(string(text))
	if err != nil {
		return err
	}
	dict, ok := value.(*qobject.Dict)
	if !ok {
		return qapi.Errorf("File '%s' must contain a JSON object", a.path)
	}
	rules, err := qapi.DecodeAuthZListProperties(dict)
	if err == nil {
		a.rules = rules
	}
	return err
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.Size(), info.ModTime()}
}

// IsAllowed says what the rules say. Rules that cannot be read any more keep
// everybody out.
func (a *AuthzFile) IsAllowed(identity string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refresh && stampOf(a.path) != a.seen {
		a.rules = nil
		_ = a.read()
	}
	return a.rules != nil && allowed(a.rules, identity)
}

// TypeName is authz-list-file.
func (a *AuthzFile) TypeName() string { return "authz-list-file" }

// Properties are the file, and whether it is read anew.
func (a *AuthzFile) Properties() []qom.Property {
	return []qom.Property{
		qom.Fixed("filename", "string", a.path),
		qom.Fixed("refresh", "bool", a.refresh),
	}
}

// Close does nothing.
func (a *AuthzFile) Close() error { return nil }
