package vmstate

import (
	"maps"
	"slices"
	"syscall"

	"qmpmigrate/core/stream"
)

// GTree is a tree whose keys are numbers: the number of nodes, then each node
// behind a mark, in the order of keys, then an end mark. Loading replaces
// *nodes; more than max nodes are an error.
func GTree[V any](name string, nodes *map[uint64]*V, max int, value func(*V) *Description, options ...Option) Field {
	t := &tree{max: max}
	t.length = func() int { return len(*nodes) }
	t.reset = func() { *nodes = map[uint64]*V{} }
	t.put = func(w *stream.Writer, desc *DescWriter) error {
		for _, k := range slices.Sorted(maps.Keys(*nodes)) {
			w.U8(listNext)
			w.U64(k)
			if err := value((*nodes)[k]).Save(w, desc); err != nil {
				return err
			}
		}
		return nil
	}
	t.get = func(r *stream.Reader) error {
		k, v := r.U64(), new(V)
		(*nodes)[k] = v
		return loadCurrent(value(v), r)
	}
	return newField(name, t, options)
}

// TreeNode is one node of a tree with structs as keys.
type TreeNode[K, V any] struct {
	Key   K
	Value V
}

// GTreeNodes is a tree whose keys are structs too. The caller keeps *nodes in order.
func GTreeNodes[K, V any](name string, nodes *[]*TreeNode[K, V], max int,
	key func(*K) *Description, value func(*V) *Description, options ...Option) Field {
	t := &tree{max: max}
	t.length = func() int { return len(*nodes) }
	t.reset = func() { *nodes = nil }
	t.put = func(w *stream.Writer, desc *DescWriter) error {
		for _, n := range *nodes {
			w.U8(listNext)
			if err := key(&n.Key).Save(w, desc); err != nil {
				return err
			}
			if err := value(&n.Value).Save(w, desc); err != nil {
				return err
			}
		}
		return nil
	}
	t.get = func(r *stream.Reader) error {
		n := new(TreeNode[K, V])
		*nodes = append(*nodes, n)
		if err := loadCurrent(key(&n.Key), r); err != nil {
			return err
		}
		return loadCurrent(value(&n.Value), r)
	}
	return newField(name, t, options)
}

type tree struct {
	one
	max    int
	length func() int
	reset  func()
	put    func(w *stream.Writer, desc *DescWriter) error
	get    func(r *stream.Reader) error // one node
}

func (*tree) typeName(int) string { return "gtree" }
func (*tree) uniform() bool       { return false }

func (t *tree) save(w *stream.Writer, desc *DescWriter, _, _ int) error {
	w.U32(uint32(t.length()))
	if err := t.put(w, desc); err != nil {
		return err
	}
	w.U8(listEnd)
	return nil
}

func (t *tree) load(r *stream.Reader, _, _ int) error {
	t.reset()
	announced, seen := r.U32(), uint32(0)
	for r.U8() != listEnd {
		if seen == announced || int64(seen) >= int64(t.max) {
			return fail(syscall.EINVAL, "more nodes than %d", min(int64(announced), int64(t.max)))
		}
		seen++
		if err := t.get(r); err != nil {
			return err
		}
	}
	if seen != announced && r.Err() == nil {
		return fail(syscall.EINVAL, "%d nodes were announced, %d came", announced, seen)
	}
	return r.Err()
}

func loadCurrent(d *Description, r *stream.Reader) error { return d.load(r, d.Version) }
