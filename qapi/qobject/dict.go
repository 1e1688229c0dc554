package qobject

import (
	"iter"
	"slices"
)

// indexFrom is the number of members from which a Dict keeps a hash index: below it, comparing keys one by one is
// faster, above it an attacker's object would make lookups quadratic.
const indexFrom = 12

// Dict is a JSON object that keeps the order in which its members were first set. Reading methods accept a nil *Dict
// as the empty object. A Dict must not be copied, and is not safe for use by several goroutines while one of them writes.
type Dict struct {
	members []member
	index   map[string]int
}

type member struct {
	key   string
	value any
}

// NewDict returns an empty object.
func NewDict() *Dict { return &Dict{} }

// recycleMax is the number of members up to which the place of a Dict is used again.
const recycleMax = 16

// recycle empties d for use as another object; false means that it is not worth it.
func (d *Dict) recycle() bool {
	if cap(d.members) > recycleMax {
		return false
	}
	clear(d.members)
	d.members, d.index = d.members[:0], nil
	return true
}

// newRoomyDict returns an empty object with place for the members of a usual request in the same allocation.
func newRoomyDict() *Dict {
	d := &struct {
		Dict
		room [4]member
	}{}
	d.members = d.room[:0]
	return &d.Dict
}

// Set puts value under key. A key that exists keeps its place in the order.
func (d *Dict) Set(key string, value any) {
	if i := d.find(key); i >= 0 {
		d.members[i].value = value
		return
	}
	d.add(key, value)
}

// add appends a member whose key is known to be new.
func (d *Dict) add(key string, value any) {
	d.members = append(d.members, member{key, value})
	switch n := len(d.members); {
	case d.index != nil:
		d.index[key] = n - 1
	case n == indexFrom:
		d.index = make(map[string]int, 2*n)
		for i, m := range d.members {
			d.index[m.key] = i
		}
	}
}

// Get returns the value under key and whether there is one.
func (d *Dict) Get(key string) (any, bool) {
	if d == nil {
		return nil, false
	}
	if i := d.find(key); i >= 0 {
		return d.members[i].value, true
	}
	return nil, false
}

// Has tells whether there is a member of that name.
func (d *Dict) Has(key string) bool {
	return d != nil && d.find(key) >= 0
}

// Delete takes a member out, if it is there.
func (d *Dict) Delete(key string) {
	i := d.find(key)
	if i < 0 {
		return
	}
	d.members = slices.Delete(d.members, i, i+1)
	if d.index != nil {
		delete(d.index, key)
		for j := i; j < len(d.members); j++ {
			d.index[d.members[j].key] = j
		}
	}
}

// Len returns the number of members.
func (d *Dict) Len() int {
	if d == nil {
		return 0
	}
	return len(d.members)
}

// Keys returns a fresh slice of the keys in the order of insertion.
func (d *Dict) Keys() []string {
	keys := make([]string, 0, d.Len())
	for key := range d.All() {
		keys = append(keys, key)
	}
	return keys
}

// All walks the members in the order of insertion. The Dict must not be changed during the walk.
func (d *Dict) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		if d == nil {
			return
		}
		for i := range d.members {
			if !yield(d.members[i].key, d.members[i].value) {
				return
			}
		}
	}
}

// AppendJSON appends the object in QEMU's compact form.
func (d *Dict) AppendJSON(b []byte) []byte { return Append(b, d) }

func (d *Dict) find(key string) int {
	if d.index != nil {
		if i, ok := d.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range d.members {
		if d.members[i].key == key {
			return i
		}
	}
	return -1
}
