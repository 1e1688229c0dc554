package vmstate

import (
	"bytes"
	"testing"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
)

func FuzzParseDescription(f *testing.F) {
	for _, c := range captures(f) {
		f.Add(c.text[:min(len(c.text), 1<<10)])
	}
	f.Add([]byte(`{"page_size": 4096, "devices": []}`))
	_, text := save(f, describeAll(filled()))
	f.Add([]byte(text))
	f.Fuzz(func(t *testing.T, text []byte) {
		desc, err := ParseDescription(text)
		if (desc == nil) == (err == nil) {
			t.Errorf("%v with %v", desc, err)
		}
	})
}

func FuzzDissect(f *testing.F) {
	body, text := save(f, describeAll(filled()))
	f.Add([]byte(text), body)
	c := captures(f)[0]
	desc, err := ParseDescription(c.text)
	if err != nil {
		f.Fatal(err)
	}
	r := stream.NewReader(bytes.NewReader(c.devices))
	for range desc.Devices {
		r.Skip(1)
		id := r.U32()
		r.CountedString()
		r.Skip(8)
		body, err := (&BodyEnd{ID: id}).ReadBody(r, nil, 1<<20)
		if err != nil {
			f.Fatal(err)
		}
		r.Skip(wire.FooterSize)
		f.Add(c.text[:min(len(c.text), 1<<10)], body[:min(len(body), 256)])
	}
	f.Add([]byte(`{"devices": [{"name": "d", "fields": [{"name": "l", "type": "qlist", "vmsd_name": "v", "fields": [`+u8+`], "size": 3}]}]}`), []byte{1, 5, 0})
	f.Fuzz(func(t *testing.T, text, body []byte) {
		desc, err := ParseDescription(text)
		if err != nil {
			return
		}
		for i := range desc.Devices {
			root, err := Dissect(&desc.Devices[i], body)
			if err != nil {
				continue
			}
			root.walk(func(n *Node) {
				n.Value()
				if n.Offset+n.Size > len(body) || len(n.Raw) != n.Size {
					t.Errorf("%s: %d+%d with %d bytes in a body of %d", n.Name, n.Offset, n.Size, len(n.Raw), len(body))
				}
			})
		}
	})
}

func FuzzLoad(f *testing.F) {
	body, _ := save(f, describeAll(filled()))
	f.Add(body, uint32(3))
	f.Add(unhex(f, "01 04 "+innerE+"05"+devB+"02"+devBC+"03"), uint32(1))
	f.Fuzz(func(t *testing.T, body []byte, version uint32) {
		for _, d := range []*Description{
			describeAll(empty()),
			new(nested).describe(),
			(&nested{withB: true, withC: true}).describe(),
		} {
			r := reader(body)
			if err := d.Load(r, version); err != nil {
				continue
			}
			// What was loaded is written in the same bytes, unless a bool or
			// unused bytes had another form, or parts came twice.
			out, _ := save(t, d)
			again := *d
			if err := again.Load(reader(out), d.Version); err != nil && version == d.Version {
				t.Errorf("% x is loaded, but not % x: %v", body, out, err)
			}
		}
	})
}

func FuzzBodyEnd(f *testing.F) {
	c := captures(f)[0]
	f.Add(c.devices[:min(len(c.devices), 512)], uint32(0), false)
	f.Add(c.devices[len(c.devices)-200:], binaryID(c.devices), false)
	f.Add(unhex(f, "0102"+footer5+"09"+footer5+fullHeader), uint32(5), true)
	f.Fuzz(func(t *testing.T, data []byte, id uint32, packaged bool) {
		s := BodyEnd{ID: id, Packaged: packaged, Known: func(id uint32) bool { return id < 3 }}
		r := reader(data)
		body, err := s.ReadBody(r, nil, 1<<20)
		if err != nil {
			return
		}
		rest := data[len(body):]
		if !bytes.HasPrefix(data, body) || !bytes.HasPrefix(rest, wire.AppendFooter(nil, id)) {
			t.Fatalf("body % x of % x", body, data)
		}
		// The whole in one window has the same end.
		at, v := 0, Maybe
		for closed := false; ; closed = true {
			var n int
			n, v = s.Scan(data[at:], closed)
			at += n
			if closed || v == End {
				break
			}
		}
		if v != End || at != len(body) {
			t.Errorf("end at %d, %v, but %d bytes were read", at, v, len(body))
		}
	})
}

// binaryID is the id in the last footer before EOF.
func binaryID(devices []byte) uint32 {
	b := devices[len(devices)-5:]
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}
