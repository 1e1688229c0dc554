package vmstate_test

import (
	"bytes"
	"fmt"

	"qmpmigrate/core/stream"
	"qmpmigrate/core/vmstate"
)

// A ticker counts, and has up to four alarms since its second version.
type ticker struct {
	ticks  uint64
	next   int64
	count  uint32
	alarms [4]alarm
	label  string
}

type alarm struct {
	at   uint64
	loud bool
}

func (a *alarm) state() *vmstate.Description {
	return &vmstate.Description{Name: "ticker/alarm", Version: 1, Fields: []vmstate.Field{
		vmstate.Uint64("at", &a.at),
		vmstate.Bool("loud", &a.loud),
	}}
}

func (t *ticker) state() *vmstate.Description {
	return &vmstate.Description{
		Name: "ticker", Version: 2, MinVersion: 1,
		Fields: []vmstate.Field{
			vmstate.Uint64("ticks", &t.ticks),
			vmstate.Timer("next", &t.next),
			vmstate.Uint32("count", &t.count, vmstate.Since(2)),
			vmstate.StructArray("alarms", t.alarms[:], (*alarm).state, vmstate.Count(&t.count), vmstate.Since(2)),
		},
		Subsections: []vmstate.Subsection{{
			Name: "ticker/label", Version: 1,
			Needed: func() bool { return t.label != "" },
			Fields: []vmstate.Field{vmstate.Custom("label", "label",
				func(w *stream.Writer) error { w.CountedString(t.label); return nil },
				func(r *stream.Reader) error { t.label = r.CountedString(); return nil })},
		}},
	}
}

func Example() {
	from := &ticker{ticks: 1000, next: vmstate.NotArmed, count: 1, alarms: [4]alarm{{1500, true}}, label: "kitchen"}
	var wire bytes.Buffer
	w := stream.NewWriter(&wire)
	if err := from.state().Save(w, nil); err != nil {
		fmt.Println(err)
	}
	w.Flush()
	fmt.Println(wire.Len(), "bytes")

	to := &ticker{}
	if err := to.state().Load(stream.NewReader(&wire), 2); err != nil {
		fmt.Println(err)
	}
	fmt.Println(to.ticks, to.next, to.alarms[0], to.label)
	// Output:
	// 55 bytes
	// 1000 -1 {1500 true} kitchen
}
