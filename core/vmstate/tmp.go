package vmstate

import "qmpmigrate/core/stream"

// Tmp is state whose form in the stream is not that of the members: describe
// makes a temporary and its description, once for each save or load. PreSave
// fills the temporary, PostLoad takes its content.
func Tmp(describe func() *Description, options ...Option) Field {
	return newField("tmp", &tmp{describe: describe}, options)
}

type tmp struct {
	one
	describe func() *Description
}

func (*tmp) typeName(int) string { return "tmp" }
func (t *tmp) uniform() bool     { return t.describe().uniform() }

func (t *tmp) save(w *stream.Writer, desc *DescWriter, _, _ int) error {
	return t.describe().Save(w, desc)
}

func (t *tmp) load(r *stream.Reader, _, _ int) error {
	d := t.describe()
	return d.load(r, d.Version)
}
