package vmstate

import "strconv"

// DescWriter builds the description of device state that closes a stream: one
// JSON object. It is driven by the layer that writes the sections:
//
//	d := vmstate.NewDescWriter()
//	d.OpenConfiguration(); conf.Save(w, d); d.CloseConfiguration() // optional
//	d.OpenDevices(4096)
//	d.OpenDevice("timer", 0); timer.Save(w, d); d.CloseDevice()    // each FULL section
//	text := d.Close()
//
// All methods work on a nil DescWriter and then do nothing, so that state can
// be written without description. The text is QEMU's: a space after colons
// and commas, keys in the order that its readers know.
type DescWriter struct {
	b []byte
}

// NewDescWriter begins a description.
func NewDescWriter() *DescWriter { return &DescWriter{b: []byte{'{'}} }

// OpenConfiguration opens the object for the state of the configuration section.
func (d *DescWriter) OpenConfiguration() { d.openKey("configuration") }

// CloseConfiguration closes what OpenConfiguration opened.
func (d *DescWriter) CloseConfiguration() { d.closeObject() }

// OpenDevices ends the head of the description: the size of a guest page in
// bytes, then devices.
func (d *DescWriter) OpenDevices(pageSize int) {
	d.number("page_size", int64(pageSize))
	d.openList("devices")
}

// OpenDevice opens the object of one FULL section.
func (d *DescWriter) OpenDevice(idstr string, instance uint32) {
	d.openObject()
	d.text("name", idstr)
	d.number("instance_id", int64(instance))
}

// CloseDevice closes what OpenDevice opened.
func (d *DescWriter) CloseDevice() { d.closeObject() }

// OpaqueDevice describes a FULL section whose body, size bytes, has no description.
func (d *DescWriter) OpaqueDevice(idstr string, instance uint32, size int64) {
	d.OpenDevice(idstr, instance)
	d.Opaque(size)
	d.CloseDevice()
}

// Opaque describes the body of the device that is open as size bytes of which
// no more is known.
func (d *DescWriter) Opaque(size int64) {
	d.number("size", size)
	d.openList("fields")
	d.openObject()
	d.text("name", "data")
	d.number("size", size)
	d.text("type", "buffer")
	d.closeObject()
	d.closeList()
}

// Close ends the description and gives its text, nil for a nil DescWriter.
func (d *DescWriter) Close() []byte {
	if d == nil {
		return nil
	}
	d.closeList()
	d.closeObject()
	return d.b
}

// fieldEntry is what the object of a field says.
type fieldEntry struct {
	name  string
	typ   string
	total int  // elements of the field
	index int  // of this element
	alike bool // this object stands for all elements
}

func (d *DescWriter) openField(f *fieldEntry) {
	d.openObject()
	d.text("name", f.name)
	switch {
	case f.total < 2:
	case f.alike:
		d.number("array_len", int64(f.total))
	default:
		d.number("index", int64(f.index))
	}
	d.text("type", f.typ)
}

func (d *DescWriter) closeField(_ *fieldEntry, size int64) {
	d.number("size", size)
	d.closeObject()
}

func (d *DescWriter) openState(name string, version uint32) {
	d.text("vmsd_name", name)
	d.number("version", int64(version))
	d.openList("fields")
}

func (d *DescWriter) closeFields()     { d.closeList() }
func (d *DescWriter) openSubsections() { d.openList("subsections") }

func (d *DescWriter) number(key string, v int64) {
	if d != nil {
		d.key(key)
		d.b = strconv.AppendInt(d.b, v, 10)
	}
}

func (d *DescWriter) text(key, v string) {
	if d != nil {
		d.key(key)
		d.b = appendText(d.b, v)
	}
}

func (d *DescWriter) openKey(key string)  { d.open(key, '{') }
func (d *DescWriter) openList(key string) { d.open(key, '[') }

func (d *DescWriter) open(key string, bracket byte) {
	if d != nil {
		d.key(key)
		d.b = append(d.b, bracket)
	}
}

func (d *DescWriter) openObject() {
	if d != nil {
		d.comma()
		d.b = append(d.b, '{')
	}
}

func (d *DescWriter) closeObject() { d.end('}') }
func (d *DescWriter) closeList()   { d.end(']') }

func (d *DescWriter) end(bracket byte) {
	if d != nil {
		d.b = append(d.b, bracket)
	}
}

func (d *DescWriter) key(key string) {
	d.comma()
	d.b = append(appendText(d.b, key), ": "...)
}

// comma separates members and elements; the last byte says whether one was before.
func (d *DescWriter) comma() {
	switch d.b[len(d.b)-1] {
	case '{', '[', ' ':
	default:
		d.b = append(d.b, ", "...)
	}
}
