package vmstate

import (
	"syscall"

	"qmpmigrate/core/stream"
)

// Marks before an element and at the end of a list.
const (
	listEnd  = 0
	listNext = 1
)

// QTailq is a list of structs: each element behind a mark, then an end mark.
// Loading replaces *list; more than max elements are an error.
func QTailq[T any](name string, list *[]*T, max int, describe func(*T) *Description, options ...Option) Field {
	return newField(name, newList("qtailq", list, max, describe), options)
}

// QList is the same as QTailq under another name.
func QList[T any](name string, list *[]*T, max int, describe func(*T) *Description, options ...Option) Field {
	return newField(name, newList("qlist", list, max, describe), options)
}

type list[T any] struct {
	one
	typ      string
	items    *[]*T
	max      int
	describe func(*T) *Description
}

func newList[T any](typ string, items *[]*T, max int, describe func(*T) *Description) *list[T] {
	return &list[T]{typ: typ, items: items, max: max, describe: describe}
}

func (l *list[T]) typeName(int) string { return l.typ }
func (l *list[T]) uniform() bool       { return false }

func (l *list[T]) save(w *stream.Writer, desc *DescWriter, _, _ int) error {
	for _, item := range *l.items {
		w.U8(listNext)
		if err := l.describe(item).Save(w, desc); err != nil {
			return err
		}
	}
	w.U8(listEnd)
	return nil
}

func (l *list[T]) load(r *stream.Reader, _, _ int) error {
	*l.items = nil
	for r.U8() != listEnd {
		if len(*l.items) == l.max {
			return fail(syscall.EINVAL, "more than %d elements", l.max)
		}
		item := new(T)
		d := l.describe(item)
		if err := d.load(r, d.Version); err != nil {
			return err
		}
		*l.items = append(*l.items, item)
	}
	return r.Err()
}
