package vmstate

import (
	"fmt"
	"syscall"

	"qmpmigrate/core/stream"
)

func (d *Description) saveField(k int, w *stream.Writer, desc *DescWriter, version uint32) error {
	f := &d.Fields[k]
	if !f.present(version) {
		if f.validate {
			return fail(syscall.EINVAL, "Output state validation failed: %s/%s", d.Name, f.name)
		}
		return nil
	}
	if f.validate {
		return nil
	}
	n, err := f.count()
	if err != nil {
		return d.saveError(f, err)
	}
	total := f.body.elements(n)
	entry := fieldEntry{total: total, alike: total > 1 && f.test == nil && f.body.uniform()}
	if desc != nil {
		entry.name = d.entryName(k)
	}
	for i := range total {
		at := w.Offset()
		entry.index, entry.typ = i, f.body.typeName(i)
		desc.openField(&entry)
		if err := f.body.save(w, desc, i, n); err != nil {
			return d.saveError(f, err)
		}
		desc.closeField(&entry, w.Offset()-at)
		if entry.alike {
			desc = nil // the first element's object stands for all
		}
	}
	return nil
}

func (d *Description) saveError(f *Field, err error) error {
	return fmt.Errorf("Save of field %s/%s failed: %w", d.Name, f.name, err)
}

// entryName is the name of field k in descriptions: names that occur more
// than once are numbered.
func (d *Description) entryName(k int) string {
	name, before, all := d.Fields[k].name, 0, 0
	for i := range d.Fields {
		if d.Fields[i].name == name {
			all++
			if i < k {
				before++
			}
		}
	}
	if all > 1 {
		return fmt.Sprintf("%s[%d]", name, before)
	}
	return name
}
