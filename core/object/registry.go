// Package object holds the objects that users create by name: memory, secrets,
// TLS credentials, rules about who may connect, threads.
package object

import (
	"slices"
	"sync"

	"qmpmigrate/core/qom"
	"qmpmigrate/qapi"
)

// Object is one that a user created.
type Object interface {
	qom.Object
	// Close ends what it does.
	Close() error
}

// Registry holds the objects of one machine by id. Its methods may be called
// from any goroutine. The zero value is empty.
type Registry struct {
	mu      sync.Mutex
	entries []*entry // in the order in which they were made
}

type entry struct {
	id     string
	object Object
	users  int
}

// Named is an object with its id.
type Named struct {
	ID     string
	Object Object
}

// Add makes the object that o describes.
func (r *Registry) Add(o *qapi.ObjectOptions) error {
	if !wellFormed(o.ID) {
		return qapi.Errorf("Parameter 'id' expects an identifier")
	}
	// Making it under the lock keeps two of the same name from both touching their files.
	r.mu.Lock()
	defer r.mu.Unlock()
	made, err := r.build(o)
	if err != nil {
		return err
	}
	if r.find(o.ID) != nil {
		made.Close()
		return qapi.Errorf("attempt to add duplicate property '%s' to object (type 'container')", o.ID)
	}
	r.entries = append(r.entries, &entry{id: o.ID, object: made})
	return nil
}

// Del removes an object that nothing uses.
func (r *Registry) Del(id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.find(id)
	switch {
	case e == nil:
		return qapi.Errorf("object '%s' not found", id)
	case e.users > 0:
		return qapi.Errorf("object '%s' is in use, can not be deleted", id)
	}
	r.entries = slices.DeleteFunc(r.entries, func(other *entry) bool { return other == e })
	return e.object.Close()
}

// Get finds an object.
func (r *Registry) Get(id string) (Object, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.find(id); e != nil {
		return e.object, true
	}
	return nil, false
}

// Claim finds an object and keeps it from being deleted until release.
func (r *Registry) Claim(id string) (o Object, release func(), ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.find(id)
	if e == nil {
		return nil, nil, false
	}
	e.users++
	return e.object, sync.OnceFunc(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		e.users--
	}), true
}

// List gives all objects, the oldest first.
func (r *Registry) List() []Named {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Named, len(r.entries))
	for i, e := range r.entries {
		list[i] = Named{e.id, e.object}
	}
	return list
}

// Close ends all objects, the youngest first.
func (r *Registry) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range slices.Backward(r.entries) {
		e.object.Close()
	}
	r.entries = nil
}

// find returns the entry of that id, or nil. Callers hold mu.
func (r *Registry) find(id string) *entry {
	at := slices.IndexFunc(r.entries, func(e *entry) bool { return e.id == id })
	if at < 0 {
		return nil
	}
	return r.entries[at]
}

// build makes the object that o describes. Callers hold mu.
func (r *Registry) build(o *qapi.ObjectOptions) (Object, error) {
	switch {
	case o.MemoryBackendRAM != nil:
		return newRAM(o.ID, o.MemoryBackendRAM)
	case o.MemoryBackendFile != nil:
		return newFile(o.ID, o.MemoryBackendFile)
	case o.MemoryBackendMemfd != nil:
		return newMemfd(o.ID, o.MemoryBackendMemfd)
	case o.MemoryBackendShm != nil:
		return newShm(o.ID, o.MemoryBackendShm)
	case o.TLSCredsAnon != nil:
		return newTLSAnon(o.TLSCredsAnon)
	case o.TLSCredsPsk != nil:
		return newTLSPSK(o.TLSCredsPsk)
	case o.TLSCredsX509 != nil:
		return r.newTLSX509(o.TLSCredsX509)
	case o.AuthzSimple != nil:
		return &AuthzSimple{identity: o.AuthzSimple.Identity}, nil
	case o.AuthzList != nil:
		return &AuthzList{rules: *o.AuthzList}, nil
	case o.AuthzListfile != nil:
		return newAuthzFile(o.AuthzListfile)
	case o.Secret != nil:
		return r.newSecret(o.Secret)
	case o.Iothread != nil:
		return newIOThread(o.ID, o.Iothread)
	}
	return nil, qapi.Errorf("invalid object type: %s", o.QomType)
}

// wellFormed says whether id may name an object.
func wellFormed(id string) bool {
	for i, c := range []byte(id) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		other := c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_'
		if !letter && (i == 0 || !other) {
			return false
		}
	}
	return id != ""
}
