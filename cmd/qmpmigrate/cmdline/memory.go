package cmdline

import (
	"math"

	"qmpmigrate/qapi/qobject"
)

// Memory is -m.
type Memory struct {
	Size  uint64 // bytes, a multiple of 8 KiB; DefaultRAM if not said
	Given bool   // Size was asked for, by -m or by the size of the memory backend
	Max   uint64 // maxmem: bytes with hot-plugged memory; 0 if not said
	Slots uint64 // for hot-plugged memory
}

const (
	// DefaultRAM is the size of a machine's RAM when nothing is said, in bytes.
	DefaultRAM = 128 << 20

	ramUnit = 8 << 10 // RAM is a multiple of this
)

// applyMemory turns -m into the machine properties that it is short for. A plain number counts MiB there.
func (r *run) applyMemory() error {
	o := r.group("memory").last()
	if o == nil {
		return nil
	}
	memory := qobject.NewDict()
	if value := o.get("size"); value != "" {
		if isDigit(value[len(value)-1]) {
			value += "M"
		}
		memory.Set("size", value)
	}
	if value, ok := o.lookup("maxmem"); ok {
		memory.Set("max-size", value)
	}
	if value, ok := o.lookup("slots"); ok {
		memory.Set("slots", value)
	}
	whole := qobject.NewDict()
	whole.Set("memory", memory)
	return merge(r.machine, whole, "")
}

// resolveMemory fixes the size of the RAM.
func (r *run) resolveMemory(t *tree) error {
	m := &r.cfg.Memory
	if t != nil {
		asked, _ := t.size("size")
		m.Given = asked != 0
		if m.Given {
			m.Size = (asked + ramUnit - 1) &^ (ramUnit - 1)
		}
		if m.Size < asked {
			return fail("ram size too large")
		}
		m.Slots, _ = t.uint("slots", math.MaxUint64, "uint64")
		var limited bool
		m.Max, limited = t.size("max-size")
		if err := t.finish(); err != nil {
			return err
		}
		if err := m.check(limited); err != nil {
			return err
		}
	}
	return r.backedMemory()
}

// check compares the limits of memory hot-plug.
func (m *Memory) check(limited bool) error {
	switch {
	case !limited && m.Slots != 0:
		return fail("slots specified but no max-size")
	case !limited:
		return nil
	case m.Max < m.Size:
		return fail("invalid value of maxmem: maximum memory size (0x%x) must be at least the initial memory size (0x%x)",
			m.Max, m.Size)
	case m.Slots != 0 && m.Max == m.Size:
		return fail("invalid value of maxmem: memory slots were specified but maximum memory size (0x%x) "+
			"is equal to the initial memory size (0x%x)", m.Max, m.Size)
	}
	return nil
}

// backedMemory takes the size of the -object that is the RAM, and refuses another one.
func (r *run) backedMemory() error {
	id := r.cfg.Machine.MemoryBackend
	if id == "" {
		return nil
	}
	backend := r.object(id)
	if backend == nil {
		return fail("Memory backend '%s' not found", id)
	}
	bytes, _ := backend.Props.Get("size")
	size, _ := jsonUint(bytes)
	m := &r.cfg.Memory
	if m.Given && m.Size != size {
		return fail("Machine memory size does not match the size of the memory backend")
	}
	m.Size, m.Given = size, true
	return nil
}
