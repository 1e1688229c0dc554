package dissect

import (
	"encoding/json"
	"fmt"
)

// A Device is a device of a stream's description.
type Device struct {
	Name     string `json:"name"`
	Instance uint32 `json:"instance_id"`
	Version  uint32 `json:"version"`
	Body
}

// A Body is what devices, structures and subsections consist of.
type Body struct {
	Fields      []Field      `json:"fields"`
	Subsections []Subsection `json:"subsections"`
}

// A Field is a described field; Size is of one element, with everything that is nested in it.
type Field struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Length *int64 `json:"array_len"` // absent: one element
	Struct *Body  `json:"struct"`    // of the first element, for that type
}

// Elements is how many elements the field stands for.
func (f Field) Elements() int64 {
	if f.Length == nil {
		return 1
	}
	return *f.Length
}

// A Subsection is a described subsection.
type Subsection struct {
	Name    string `json:"vmsd_name"`
	Version uint32 `json:"version"`
	Body
}

// Frame is the length of what comes before the subsection's fields: type byte, counted name, version.
func (s Subsection) Frame() int64 { return int64(1 + 1 + len(s.Name) + 4) }

type deviceKey struct {
	name     string
	instance uint32
}

// Devices returns the description's devices in its order.
func (s *Stream) Devices() ([]Device, error) {
	var d struct{ Devices []Device }
	err := json.Unmarshal(s.Description, &d)
	return d.Devices, err
}

// parseDevices returns the size of each described device's body.
func parseDevices(description []byte) (map[deviceKey]int64, error) {
	devices, err := (&Stream{Description: description}).Devices()
	if err != nil {
		return nil, fmt.Errorf("description: %w", err)
	}
	sizes := map[deviceKey]int64{}
	for _, d := range devices {
		sizes[deviceKey{d.Name, d.Instance}] = d.Size()
	}
	return sizes, nil
}

// Size is the length of the body in the stream.
func (b Body) Size() int64 {
	total := int64(0)
	for _, f := range b.Fields {
		total += f.Size * f.Elements()
	}
	for _, s := range b.Subsections {
		total += s.Frame() + s.Size()
	}
	return total
}
