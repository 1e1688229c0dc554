package qcow2

import (
	"bytes"
	"testing"

	"qmpmigrate/core/block"
)

// An entry is held against the place of its own cluster, also where a write begins before it: one that lacks its mark is
// no reason to call the image corrupt.
func TestWriteAcrossAnEntryWithoutMark(t *testing.T) {
	const cluster = 512
	s, data := &memory{}, &memory{}
	if err := Create(s, CreateOptions{Size: 8 * cluster, ClusterBits: 9}); err != nil {
		t.Fatal(err)
	}
	s.data[79] |= incompatibleDataFile
	i := open(t, s, Options{Data: func(string) (block.Storage, error) { return data, nil }, Warn: func(text string) { t.Error(text) }})
	table, err := i.ownTable(0)
	if err != nil {
		t.Fatal(err)
	}
	table.setEntry(2, 2*cluster) // without the mark
	p := bytes.Repeat([]byte("x"), 3*cluster)
	if _, err := i.WriteAt(p, cluster); err != nil {
		t.Error(err)
	}
	if i.corrupt() || !bytes.Equal(data.data[cluster:], p) {
		t.Errorf("corrupt: %v, %d bytes were written", i.corrupt(), len(data.data))
	}
}
