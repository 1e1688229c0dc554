// Package yank is the register of what can be cut off: connections whose peer
// may have stopped answering, and which are then ended without asking it.
package yank

import (
	"errors"
	"slices"
	"sync"
)

// Kind is what an Instance is.
type Kind int

// The kinds, in the order of the schema.
const (
	BlockNode Kind = iota
	Chardev
	Migration
)

// Instance names something that can be cut off. A migration has no ID: a
// machine has at most one.
type Instance struct {
	Kind Kind
	ID   string
}

// The errors of a Register, in QEMU's words.
var (
	ErrNotFound  = errors.New("Instance not found")
	ErrDuplicate = errors.New("duplicate yank instance")
)

// Register holds the instances of one process or one machine. Its methods may
// be called from any goroutine. The zero value is empty.
type Register struct {
	mu      sync.Mutex
	entries []*entry // in the order in which they came
}

type entry struct {
	Instance
	cut func()
}

// Add lets i be cut off by cut, which must return at once and may be called
// more than once, from any goroutine. remove takes i out again.
func (r *Register) Add(i Instance, cut func()) (remove func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.find(i) != nil {
		return nil, ErrDuplicate
	}
	e := &entry{i, cut}
	r.entries = append(r.entries, e)
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.entries = slices.DeleteFunc(r.entries, func(other *entry) bool { return other == e })
	}, nil
}

// List gives all instances, the oldest first.
func (r *Register) List() []Instance {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Instance, len(r.entries))
	for i, e := range r.entries {
		list[i] = e.Instance
	}
	return list
}

// Cut cuts off all of list, or none where one of them does not exist: then it
// fails with ErrNotFound.
func (r *Register) Cut(list []Instance) error {
	cuts := make([]func(), len(list))
	r.mu.Lock()
	for i, instance := range list {
		e := r.find(instance)
		if e == nil {
			r.mu.Unlock()
			return ErrNotFound
		}
		cuts[i] = e.cut
	}
	r.mu.Unlock()
	for _, cut := range cuts {
		cut()
	}
	return nil
}

// find returns the entry of i, or nil. Callers hold mu.
func (r *Register) find(i Instance) *entry {
	at := slices.IndexFunc(r.entries, func(e *entry) bool { return e.Instance == i })
	if at < 0 {
		return nil
	}
	return r.entries[at]
}
