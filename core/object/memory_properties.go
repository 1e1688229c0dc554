package object

import (
	"golang.org/x/sys/unix"

	"qmpmigrate/core/qom"
)

// TypeName is the backend's type.
func (m *Memory) TypeName() string { return m.info.typeName }

// Properties are the backend's.
func (m *Memory) Properties() []qom.Property {
	const fixed = "cannot change property value"
	i := &m.info
	list := []qom.Property{
		qom.Frozen("share", "bool", i.share, fixed),
		qom.Frozen("size", "int", i.size, "cannot change property size of "+i.typeName+" "),
		qom.Fixed("dump", "bool", i.dump),
		qom.Fixed("prealloc-threads", "int", int64(i.threads)),
		qom.Fixed("x-use-canonical-path-for-ramblock-id", "bool", i.canonical),
		qom.Fixed("policy", "HostMemPolicy", string(i.policy)),
		qom.Fixed("prealloc-context", "link<thread-context>", ""),
		m.preallocProperty(),
		qom.Frozen("reserve", "bool", i.reserve, fixed),
		qom.Fixed("host-nodes", "int", qom.Numbers(i.nodes)),
		m.mergeProperty(),
	}
	for _, e := range i.extra {
		list = append(list, qom.Fixed(e.name, e.typeName, e.value))
	}
	return list
}

func (m *Memory) preallocProperty() qom.Property {
	return qom.Property{
		Name: "prealloc", Type: "bool",
		Get: func() any {
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.block.Preallocated()
		},
		Set: func(value any) error {
			on, err := qom.Bool("prealloc", value)
			if err != nil || !on {
				return err
			}
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.block.Preallocated() {
				return nil
			}
			if err := m.block.Prealloc(); err != nil {
				return failed(err, "qemu_prealloc_mem: preallocating memory failed")
			}
			return nil
		},
	}
}

func (m *Memory) mergeProperty() qom.Property {
	return qom.Property{
		Name: "merge", Type: "bool",
		Get: func() any {
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.merge
		},
		Set: func(value any) error {
			on, err := qom.Bool("merge", value)
			if err != nil {
				return err
			}
			m.mu.Lock()
			defer m.mu.Unlock()
			advice := unix.MADV_UNMERGEABLE
			if on {
				advice = unix.MADV_MERGEABLE
			}
			_ = unix.Madvise(m.block.Bytes(), advice)
			m.merge = on
			return nil
		},
	}
}
