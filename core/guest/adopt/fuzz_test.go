package adopt_test

import (
	"bytes"
	"errors"
	"testing"

	"qmpmigrate/core/guest/adopt"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/ram"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/stream"
	"qmpmigrate/core/wire"
	"qmpmigrate/tests/testdata"
)

// small is an adopting machine that reserves no more than a test can.
type small struct{ *adopt.Machine }

func (s small) Block(name string, used uint64) (*memory.Block, error) {
	if used > 1<<26 {
		return nil, errors.New("too large for a test")
	}
	return s.Machine.Block(name, used)
}

// Whatever becomes of a real stream, it is taken whole or refused with the place.
func FuzzAdopt(f *testing.F) {
	captures, err := testdata.Captures()
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range captures {
		f.Add(c.Data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m := small{adopt.New()}
		defer m.Close()
		pages := ram.NewLoader(m, &ram.Stats{}, ram.Options{})
		defer pages.Close()
		l := &savevm.Loader{Target: m, Live: []savevm.Live{{IDStr: "ram", Version: wire.RAMVersion, Target: pages}},
			Command: func(wire.CommandCode, []byte) error { return nil }}
		err := l.Load(stream.NewReader(bytes.NewReader(data)))
		var at *savevm.LoadError
		switch {
		case err == nil && m.Description() == nil:
			t.Fatal("taken without a description")
		case err != nil && (!errors.As(err, &at) || at.Section == "" || at.Offset > int64(len(data))):
			t.Fatalf("%v", err)
		}
	})
}
